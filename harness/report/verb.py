"""`harness report`: its options, and what it prints."""

import argparse
from pathlib import Path

from harness.command.options import add_run_argument, add_suite_option, path
from harness.errors import HarnessError

DESCRIPTION = (
    "Write a run as one page to look at: who leads and whether that means anything, quality "
    "against cost, pairs, slices, and every example with what the models gave. The page needs no "
    "network; examples of a large run stand in files beside it. With --baseline, the page of what "
    "changed from BASE to RUN, the largest losses first."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness report`."""
    add_run_argument(command)
    command.add_argument("--baseline", type=path, metavar="BASE",
                         help="show what changed from this run to RUN")  # fmt: skip
    add_suite_option(command, of_run=True)
    command.add_argument(
        "--out", type=path, metavar="FILE",
        help="where the page is written (default: report.html in the run's folder, with "
        "--baseline compared-report.html)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Write the page, print its path, and return the exit code."""
    from harness.report.write import write_report

    print(write_report(options.run_folder, options.suite, options.baseline, options.out))
    return 0


def after_eval(folder: Path) -> Path | None:
    """Write the page of a run just finished; a page that cannot be written is no failed run.

    Why it could not be is said on stderr. One that would be drawn as it is stays.
    """
    from harness.leaderboard.run_folder import LEADERBOARD, REPORT
    from harness.progress import warn
    from harness.report.rendering.freshness import is_current

    try:
        if is_current(folder / REPORT, folder / LEADERBOARD):
            return folder / REPORT
        from harness.report.write import write_report

        return write_report(folder)
    except Exception as error:  # whatever it is, the leaderboard stands
        named = (
            str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
        )
        warn(f"no report was written: {named}; `harness report {folder}` tries again")
        return None
