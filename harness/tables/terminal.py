"""Tables and text as a person reads them on a terminal, in a file or in a pipe."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from harness.tables.cells import one_line
from harness.tables.fit import GAP, column_widths, fitted, table_width
from harness.tables.table import Lines, Note, Notes, Part, Style, Table, TableRow
from harness.visible import visible_text

# Lines of a note are no longer: the eye loses its place in longer ones.
NOTE_WIDTH = 96

_STYLES: dict[Style, str] = {"plain": "", "dim": "dim", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Display:
    """Where a text is shown: how many cells wide, and whether there are colours.

    A `width` of `None` is as wide as the text. With `wide`, tables keep all columns whatever the
    width; notes are filled to it all the same.
    """

    width: int | None = None
    wide: bool = False
    colours: bool = False


def stdout_display(wide: bool = False) -> Display:
    """Return what stdout is shown on.

    A terminal has its own width. A file or a pipe has none: no column is left out of what
    `harness eval > table.txt` keeps, or of what the next command reads. `COLUMNS` in the
    environment, where it is a number, goes before both; a shell exports it only when told to.
    Colours are on a terminal alone, and not with `NO_COLOR` or a `TERM` of `dumb`; `FORCE_COLOR`
    asks for them elsewhere.
    """
    from rich.console import Console

    told = os.environ.get("COLUMNS", "")
    width: int | None = int(told) if told.isdecimal() and int(told) > 0 else None
    if width is None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
    console = Console(file=sys.stdout)
    return Display(width, wide, console.color_system is not None and not console.no_color)


def terminal_text(parts: Sequence[Part], display: Display) -> str:
    """Return the parts one below the other.

    Below the tables, a line says what was left out of them to fit the width.
    """
    parts = [_readable(part) for part in parts]
    if display.width is not None and not display.wide:
        parts = _fitting(parts, display.width)
    return "\n\n".join("\n".join(_part_lines(part, display)) for part in parts) + "\n"


def _fitting(parts: Sequence[Part], width: int) -> list[Part]:
    """Return the parts with the tables made to fit, and what went said below the last of them."""
    tables = fitted([part for part in parts if isinstance(part, Table)], width)
    narrow = iter(tables.tables)
    fitting = [
        next(narrow) if isinstance(part, Table) else _without_columns(part, tables.gone)
        for part in parts
    ]
    gone = [", ".join(tables.gone)] if tables.gone else []
    gone += ["the middle of long names"] if tables.shortened else []
    if gone:
        said = f"Left out to fit a width of {width}: {'; '.join(gone)}. --wide shows all."
        below = max(place for place, part in enumerate(fitting) if isinstance(part, Table)) + 1
        while below < len(fitting) and isinstance(fitting[below], Notes):
            below += 1
        fitting.insert(below, Notes((Note(said, "dim"),)))
    return fitting


def _without_columns(part: Part, gone: Sequence[str]) -> Part:
    """Return a part without the notes on columns that went."""
    if not isinstance(part, Notes):
        return part
    return Notes(tuple(note for note in part.notes if note.column not in gone))


def _readable(part: Part) -> Part:
    """Return a part with nothing in it that cannot be seen, or that commands a terminal."""
    match part:
        case Table():
            rows = [TableRow(tuple(map(one_line, row.cells)), row.style) for row in part.rows]
            columns = [replace(column, header=one_line(column.header)) for column in part.columns]
            return replace(part, columns=tuple(columns), rows=tuple(rows))
        case Notes():
            return Notes(tuple(replace(note, text=_unbroken(note.text)) for note in part.notes))
        case Lines():
            lines = [line for text in part.lines for line in text.split("\n")]
            return Lines(tuple(map(visible_text, lines)), part.hang)


def _part_lines(part: Part, display: Display) -> Iterator[str]:
    match part:
        case Table():
            yield from _table_lines(part, display)
        case Notes():
            for note in part.notes:
                yield from _note_lines(note, display)
        case Lines():
            for line in part.lines:
                if display.width is None or part.hang is None:
                    yield line
                else:
                    yield from filled(line, display.width, part.hang)


def _note_lines(note: Note, display: Display) -> Iterator[str]:
    width = min(display.width or NOTE_WIDTH, NOTE_WIDTH)
    for line in filled(note.text, width, note.hang):
        yield _styled(line, note.style, display)


def _unbroken(text: str) -> str:
    return visible_text(text.replace("\n", " "))


def filled(text: str, width: int, hang: int = 0) -> list[str]:
    """Return a text in lines of at most `width` cells, broken at spaces alone.

    Lines after the first begin `hang` spaces further in than it. A word that is longer than a line
    stays whole: a path can still be copied.

    >>> filled("  one two three", 9, hang=2)
    ['  one two', '    three']
    """
    from rich.cells import cell_len

    indent = " " * (len(text) - len(text.lstrip(" ")) + hang)
    first, *words = re.findall(" *[^ ]+", text) or [""]
    lines = [first]
    for word in words:
        if cell_len(lines[-1] + word) <= width:
            lines[-1] += word
        else:
            lines.append(indent + word.lstrip(" "))
    return lines


def _table_lines(table: Table, display: Display) -> list[str]:
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable.grid(padding=(0, GAP, 0, 0))
    for column in table.columns:
        grid.add_column(justify=column.align, no_wrap=True)
    grid.add_row(*(Text(column.header, "bold") for column in table.columns))
    grid.add_row(*(Text("-" * width, "dim") for width in column_widths(table)))
    for row in table.rows:
        grid.add_row(*(Text(cell, _STYLES[row.style]) for cell in row.cells))
    return _rendered(grid, table_width(table), display)


def _styled(line: str, style: Style, display: Display) -> str:
    from rich.text import Text

    if not display.colours or style == "plain":
        return line
    (styled,) = _rendered(Text(line, _STYLES[style]), len(line) * 2 + 1, display)
    return styled


def _rendered(renderable: object, width: int, display: Display) -> list[str]:
    """Return lines as rich draws them; nothing in a text is taken for its markup."""
    from rich.console import Console

    buffer = StringIO()
    console = Console(
        file=buffer,
        width=width,
        height=1,
        color_system="standard" if display.colours else None,
        no_color=False,
        legacy_windows=False,
    )
    console.print(renderable, soft_wrap=False)
    return [line.rstrip() for line in buffer.getvalue().splitlines()]
