"""`harness report`: its options, and what it prints."""

import argparse
import sys
from pathlib import Path

DESCRIPTION = (
    "Write a run as one page to look at: who leads and whether that means anything, quality "
    "against cost, pairs, slices, and every example with what the models gave. The page needs no "
    "network; examples of a large run stand in files beside it. With --compare, the page of what "
    "changed from BASE to HEAD, the largest losses first."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness report`."""
    text = "a folder that `harness eval` has written, or its leaderboard.json (default: results)"
    command.add_argument("run_folder", type=Path, metavar="RUN", nargs="?", help=text)
    command.add_argument("--compare", type=Path, metavar=("BASE", "HEAD"), nargs=2,
                         help="two runs, in place of one")  # fmt: skip
    command.add_argument("--suite", metavar="SUITE",
                         help="the suite that was run (default: the one that ships)")  # fmt: skip
    command.add_argument(
        "--out", type=Path, metavar="FILE",
        help="where the page is written (default: report.html in the run's folder, or "
        "compared-report.html in HEAD's)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Write the page, print its path, and return the exit code."""
    from harness.errors import UsageError
    from harness.report.write import write_report

    base, head = options.compare or (None, options.run_folder or Path("results"))
    if options.compare and options.run_folder:
        raise UsageError("name a run or --compare BASE HEAD, not both")
    print(write_report(head, options.suite, base, options.out))
    return 0


def after_eval(folder: Path, suite: str | None) -> Path | None:
    """Write the page of a run just finished; a page that cannot be written is no failed run.

    Why it could not be is said on stderr.
    """
    from harness.errors import HarnessError
    from harness.report.write import write_report

    try:
        return write_report(folder, suite)
    except HarnessError as error:
        print(f"harness: no report was written: {error}", file=sys.stderr)
        return None
