"""Tables made as narrow as a terminal: which columns go, and how names are shortened.

Widths are counted in cells of a terminal: an East Asian wide letter has two, a combining mark none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.tables.table import ALWAYS, Table

# Spaces between two columns.
GAP = 2
# A name is not shortened to less.
SHORTEST_NAME = 8


@dataclass(frozen=True, slots=True)
class Fitted:
    """Tables that fit, the headers of the columns that went, and whether names were shortened."""

    tables: tuple[Table, ...]
    gone: tuple[str, ...]
    shortened: bool


def fitted(tables: Sequence[Table], width: int) -> Fitted:
    """Return the tables within a width, as far as they can be.

    A column goes from all tables of a group at once, so that tables which are read together have
    the same columns; it stays as long as the table that needs it most says, and so do intervals
    that may go alone. When none may go any more, names lose their middle, and stay different from
    one another. A table that is too wide even then is left so.
    """
    by_group: dict[str, list[Table]] = {}
    for table in tables:
        by_group.setdefault(table.group, []).append(table)
    fits = {group: _fitted_group(members, width) for group, members in by_group.items()}
    members_left = {group: iter(fit.tables) for group, fit in fits.items()}
    gone = dict.fromkeys(header for fit in fits.values() for header in fit.gone)
    return Fitted(
        tables=tuple(next(members_left[table.group]) for table in tables),
        gone=tuple(gone),
        shortened=any(fit.shortened for fit in fits.values()),
    )


def _fitted_group(tables: Sequence[Table], width: int) -> Fitted:
    """Return the tables of one group, which lose the same columns."""
    keep: dict[str, float] = {}
    for column in (column for table in tables for column in table.columns):
        keep[column.header] = max(keep.get(column.header, column.keep), column.keep)
    intervals = {
        column.header: column.interval
        for table in tables
        for column in table.columns
        if column.interval != ALWAYS
    }
    remaining = list(tables)
    while wide := [table for table in remaining if table_width(table) > width]:
        headers = [column.header for table in wide for column in reversed(table.columns)]
        least = min(headers, key=keep.__getitem__)
        first = min(intervals, key=intervals.__getitem__, default=None)
        if first is not None and intervals[first] < keep[least]:
            del intervals[first]
            remaining = [table.without_intervals(first) for table in remaining]
            continue
        if keep[least] == ALWAYS:
            break
        remaining = [table.without(least) for table in remaining]
    present = {column.header for table in remaining for column in table.columns}
    narrow = [_with_short_names(table, width) for table in remaining]
    return Fitted(
        tables=tuple(narrow),
        gone=tuple(header for header in keep if header not in present),
        shortened=narrow != remaining,
    )


def column_widths(table: Table) -> list[int]:
    """Return how many cells wide each column is."""
    from rich.cells import cell_len

    return [
        max(cell_len(text) for text in (column.header, *(row.cells[place] for row in table.rows)))
        for place, column in enumerate(table.columns)
    ]


def table_width(table: Table) -> int:
    """Return how many cells wide a table is."""
    return sum(column_widths(table)) + GAP * (len(table.columns) - 1)


def shortened(names: Sequence[str], width: int) -> list[str]:
    """Return names of at most `width` cells; of a longer one the middle is left out.

    Names that differ still do: where the width is too small for that, it is exceeded.

    >>> shortened(["facebook/bart-large-cnn", "facebook/bart-large-xsum"], 12)
    ['facebo…e-cnn', 'facebo…-xsum']
    >>> shortened(["a-long-name-1-b", "a-long-name-2-b"], 3)
    ['a-l…1-b', 'a-l…2-b']
    """
    from rich.cells import cell_len

    longest = max(map(cell_len, names), default=0)
    for size in range(width, longest):
        short = [_without_middle(name, size) for name in names]
        if len(set(short)) == len(set(names)):
            return short
    return list(names)


def _with_short_names(table: Table, width: int) -> Table:
    from rich.cells import cell_len

    places = [place for place, column in enumerate(table.columns) if column.names]
    excess = table_width(table) - width
    if excess <= 0 or not places:
        return table
    (place,) = places
    target = max(
        column_widths(table)[place] - excess,
        cell_len(table.columns[place].header),
        SHORTEST_NAME,
    )
    short = shortened([row.cells[place] for row in table.rows], target)
    rows = [
        replace(row, cells=(*row.cells[:place], name, *row.cells[place + 1 :]))
        for row, name in zip(table.rows, short, strict=True)
    ]
    return replace(table, rows=tuple(rows))


def _without_middle(name: str, width: int) -> str:
    from rich.cells import cell_len

    if cell_len(name) <= width:
        return name
    tail_width = (width - 1) // 2
    start = 0
    while cell_len(name[: start + 1]) <= width - 1 - tail_width:
        start += 1
    end = len(name)
    while end > start and cell_len(name[end - 1 :]) <= tail_width:
        end -= 1
    while end < len(name) and cell_len(name[end]) == 0:  # a mark stays with its letter
        end += 1
    return f"{name[:start]}…{name[end:]}"
