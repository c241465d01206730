"""`harness history`: its options, and what it prints."""

import argparse
from typing import TYPE_CHECKING

from harness.command.options import RUN_HELP, name, names, path
from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.history.history import Course

DESCRIPTION = (
    "Show each model's primary metric over several runs, in the order of their time, with its "
    "interval and all that is recorded to have changed since the run before: weights, prompt, "
    "decoding, versions, code. A number of another suite or signature is marked, as it may not be "
    "held against the one before."
)
EXAMPLES = ("harness history results-monday results-tuesday --page history.html",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness history`."""
    command.add_argument("runs", type=path, metavar="RUN", nargs="+", help=RUN_HELP)
    command.add_argument("--models", type=names, metavar="A,B", help="only these rows")
    command.add_argument(
        "--metric", type=name, metavar="NAME", help="by this metric (default: the primary one)"
    )
    command.add_argument(
        "--page", type=path, metavar="FILE",
        help="write it as a page to look at too, with a plot for each row; it needs no network",
    )  # fmt: skip
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print the history, and return the exit code."""
    from harness.history.history import courses
    from harness.history.text import history_csv, history_json, history_parts
    from harness.leaderboard.run_folder import read_runs
    from harness.tables.formats import Result, result_text
    from harness.visible import visible_text

    history = courses(read_runs(options.runs), options.models, options.metric)
    if options.page:
        _write_page(history, options.page)
    result = Result(
        table=lambda: history_parts(history),
        csv=lambda: history_csv(history),
        json=lambda: history_json(history),
    )
    print(result_text(result, options), end="")
    if options.page and options.format == "table":
        print(f"\nPage: {visible_text(str(options.page))}")
    return 0


def _write_page(history: "Sequence[Course]", file: "Path") -> None:
    """Write the page; raise UsageError where the packages that draw it are missing."""
    from harness.errors import UsageError
    from harness.requirements import missing_packages

    if missing := missing_packages("jinja2", "vl-convert-python"):
        raise UsageError(missing.message("--page", "leave it out"))
    from harness.history.page import write_page

    write_page(history, file)
