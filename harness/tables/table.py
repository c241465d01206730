"""What a verb prints, before it has a format: tables, and the text between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

# The `keep` of a column that never goes.
ALWAYS = math.inf

# How a row or a note looks where there are colours. Nothing is said by colour alone.
Style = Literal["plain", "dim", "warning"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, how long it stays, and on which side its cells stand.

    Where the width is too small for all columns, the one with the smallest `keep` goes first, and
    of equal ones the last. Cells of the column of `names` may be shortened when nothing is left to
    go; a table has one such column at most. `interval` is how long what stands in brackets at the
    end of the cells stays, where that may go alone.
    """

    header: str
    keep: float = ALWAYS
    align: Literal["left", "right"] = "right"
    names: bool = False
    interval: float = ALWAYS


def columns_going(headers: Sequence[str], going: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a table of names, which stand in the first and are what it is of.

    Where the width is too small, columns go as `going` lists them; those that it lacks stay. The
    intervals of a column go where it has the header in brackets.
    """
    return tuple(
        Column(
            header,
            keep=going.index(header) if header in going else ALWAYS,
            align="left" if header == headers[0] else "right",
            names=header == headers[0],
            interval=going.index(f"[{header}]") if f"[{header}]" in going else ALWAYS,
        )
        for header in headers
    )


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: a text for each column."""

    cells: tuple[str, ...]
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A table. The header of its first column may say what the table is of.

    Tables of one `group` are read together: where the width is too small, they lose the same
    columns.
    """

    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    group: str = ""

    def without_intervals(self, header: str) -> "Table":
        """Return the table without what stands in brackets at the end of that column's cells."""
        places = {place for place, column in enumerate(self.columns) if column.header == header}
        rows = [
            replace(
                row,
                cells=tuple(
                    cell.partition(" [")[0] if place in places else cell
                    for place, cell in enumerate(row.cells)
                ),
            )
            for row in self.rows
        ]
        return replace(self, rows=tuple(rows))

    def without(self, header: str) -> "Table":
        """Return the table without the column of that header, if it has one."""
        kept = [place for place, column in enumerate(self.columns) if column.header != header]
        return replace(
            self,
            columns=tuple(self.columns[place] for place in kept),
            rows=tuple(
                TableRow(tuple(row.cells[place] for place in kept), row.style) for row in self.rows
            ),
        )


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph, filled to the width; its lines after the first are `hang` spaces further in.

    One that tells what a `column` is goes where that goes.
    """

    text: str
    style: Style = "plain"
    hang: int = 0
    column: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes that stand together, without a blank line between them."""

    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that stand as they are.

    On a terminal, a line that is longer goes on below, further in by `hang` spaces; with no `hang`
    it is left to the terminal, so that what is copied from it is the text.
    """

    lines: tuple[str, ...]
    hang: int | None = 2


Part = Table | Notes | Lines


def notes(texts: Sequence[str]) -> list[Notes]:
    """Return plain notes that stand together; nothing if there are none."""
    return [Notes(tuple(Note(text) for text in texts))] if texts else []
