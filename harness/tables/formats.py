"""The formats that a verb can print its result in: the options, and the text that they ask for."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.tables.table import Part

FORMATS = ("table", "markdown", "csv", "json")


@dataclass(frozen=True, slots=True)
class Result:
    """What a verb prints, by format. Each is made only when it is asked for.

    A table is for reading: rounded, in points, as narrow as the terminal. CSV has one flat table
    and JSON all facts, both with numbers in full. JSON has texts exactly as they are; everywhere
    else, what cannot be seen is a token. `markdown` is of `table` where it is `None`.
    """

    table: Callable[[], Sequence[Part]]
    csv: Callable[[], str]
    json: Callable[[], str]
    markdown: Callable[[], str] | None = None


def add_format_options(
    command: "argparse._ActionsContainer", formats: Sequence[str] = FORMATS
) -> None:
    """Add `--format`, its short form `--json`, and for tables `--wide`.

    The first format is the default. The options are `format` and `wide`.
    """
    group = command.add_mutually_exclusive_group()
    group.add_argument("--format", choices=formats, default=formats[0],
                       help=f"how the result is printed (default: {formats[0]})")  # fmt: skip
    group.add_argument("--json", dest="format", action="store_const", const="json",
                       default=argparse.SUPPRESS, help="short for --format json")  # fmt: skip
    if "table" in formats:
        command.add_argument("--wide", action="store_true",
                             help="show all columns of a table, however wide")  # fmt: skip


def result_text(result: Result, options: argparse.Namespace) -> str:
    """Return a result in the format that the options ask for, with its last line end."""
    if options.format == "json":
        return f"{result.json().rstrip()}\n"
    if options.format == "csv":
        return result.csv()
    if options.format == "markdown":
        from harness.tables.markdown import markdown_text

        return result.markdown() if result.markdown else markdown_text(result.table())
    from harness.tables.terminal import stdout_display, terminal_text

    return terminal_text(result.table(), stdout_display(options.wide))
