"""`harness history`: its options, and what it prints."""

import argparse

from harness.command.options import RUN_HELP, name, names, path
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Show each model's primary metric over several runs, in the order of their time, with its "
    "interval and all that is recorded to have changed since the run before: weights, prompt, "
    "decoding, versions, code. A number of another suite or signature is marked, as it may not be "
    "held against the one before."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness history`."""
    command.add_argument("runs", type=path, metavar="RUN", nargs="+", help=RUN_HELP)
    command.add_argument("--models", type=names, metavar="A,B", help="only these rows")
    command.add_argument(
        "--metric", type=name, metavar="NAME", help="by this metric (default: the primary one)"
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print the history, and return the exit code."""
    from harness.history.history import courses
    from harness.history.text import history_csv, history_json, history_parts
    from harness.leaderboard.run_folder import read_run
    from harness.tables.formats import Result, result_text

    found = courses([read_run(run) for run in options.runs], options.models, options.metric)
    result = Result(
        table=lambda: history_parts(found),
        csv=lambda: history_csv(found),
        json=lambda: history_json(found),
    )
    print(result_text(result, options), end="")
    return 0
