"""`harness verify`: its options, and what it prints."""

import argparse

from harness.command.options import add_run_argument, add_suite_option
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Recompute every number of a leaderboard from its predictions and the suite's goldens, and say "
    "that all are equal (exit code 0), or which differ and by how much (1). Costs, licences and "
    "where the run was made cannot be recomputed."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness verify`."""
    add_run_argument(command)
    add_suite_option(command, of_run=True)
    command.add_argument(
        "--reference",
        action="store_true",
        help="compute the default ROUGE by the package rouge-score too, and say how much differs",
    )
    command.add_argument(
        "--allow-code",
        action="store_true",
        help="run the Python files of metrics that the run was scored with",
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Verify the leaderboard, print the result, and return the exit code."""
    from harness.tables.formats import Result, result_text
    from harness.verify.text import (
        verification_csv,
        verification_json,
        verification_markdown,
        verification_parts,
    )
    from harness.verify.verification import verify

    verification = verify(
        options.run_folder, options.suite, options.reference, allow_code=options.allow_code
    )
    result = Result(
        table=lambda: verification_parts(verification),
        csv=lambda: verification_csv(verification),
        json=lambda: verification_json(verification),
        markdown=lambda: verification_markdown(verification),
    )
    print(result_text(result, options), end="")
    return 1 if verification.differences else 0
