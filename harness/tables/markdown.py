"""Tables and text as Markdown, as GitHub reads it."""

import re
from collections.abc import Sequence

from harness.tables.cells import markdown_cell, one_line
from harness.tables.table import Column, Lines, Notes, Part, Table
from harness.visible import visible_text

# What makes the beginning of a paragraph a heading, a quotation or a list: the sign to escape.
_OPENING = re.compile(r"^(\d*)(?=[#>+=-]|(?<=\d)[.)])")


def markdown_text(parts: Sequence[Part]) -> str:
    """Return all columns of all tables, the notes as paragraphs, and lines as blocks of code."""
    blocks: list[str] = []
    for part in parts:
        match part:
            case Table():
                cells = [[_cell(cell) for cell in row.cells] for row in part.rows]
                headers = [Column(_cell(c.header), align=c.align) for c in part.columns]
                blocks.append(markdown_table(headers, cells))
            case Notes():
                blocks += [_paragraph(note.text) for note in part.notes]
            case Lines():
                blocks.append(code_block(part.lines))
    return "\n\n".join(blocks) + "\n"


def markdown_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already, each as wide as its column."""
    from rich.cells import cell_len

    headers = [column.header for column in columns]
    widths = [max(3, *map(cell_len, cells)) for cells in zip(headers, *rows, strict=True)]
    rules = [
        f"{'-' * (width - 1)}:" if column.align == "right" else "-" * width
        for column, width in zip(columns, widths, strict=True)
    ]
    lines = []
    for cells in (headers, rules, *rows):
        padded = [
            cell + " " * (width - cell_len(cell)) if column.align == "left" else
            " " * (width - cell_len(cell)) + cell
            for cell, column, width in zip(cells, columns, widths, strict=True)
        ]  # fmt: skip
        lines.append(f"| {' | '.join(padded)} |")
    return "\n".join(lines)


def code_block(lines: Sequence[str]) -> str:
    """Return lines as they are, in a fence that is longer than any run of backticks in them."""
    text = "\n".join(visible_text(line) for line in "\n".join(lines).split("\n"))
    runs = re.findall(r"`+", text)
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return f"{fence}\n{text}\n{fence}"


def _cell(text: str) -> str:
    return markdown_cell(one_line(text))


def _paragraph(text: str) -> str:
    return _OPENING.sub(r"\1\\", _cell(text))
