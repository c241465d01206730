"""`harness board`: its options, and what it prints."""

import argparse

from harness.command.options import RUN_HELP, path
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Unite the rows of several runs over one suite into a leaderboard: compared, ranked and with "
    "intervals as if one run had made them all. Runs of other suites, examples or signatures are "
    "refused. A row that two runs have is one if it is equal, else both stand there with their "
    "dates."
)
EXAMPLES = ("harness board results-monday results-tuesday",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness board`."""
    command.add_argument("runs", type=path, metavar="RUN", nargs="+", help=RUN_HELP)
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print the leaderboard, and return the exit code."""
    from harness.board.united import united
    from harness.leaderboard.printing.flat import leaderboard_csv
    from harness.leaderboard.printing.tables import tables
    from harness.leaderboard.run_folder import read_runs
    from harness.tables.formats import Result, result_text

    board = united(read_runs(options.runs))
    result = Result(
        table=lambda: tables(board, options.wide),
        csv=lambda: leaderboard_csv(board),
        json=board.to_json,
    )
    print(result_text(result, options), end="")
    return 0
