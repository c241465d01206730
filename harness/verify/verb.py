"""`harness verify`: its options, and what it prints."""

import argparse

from harness.options import add_run_argument, add_suite_option

DESCRIPTION = (
    "Recompute every number of a leaderboard from its predictions and the suite's goldens, and say "
    "that all are equal (exit code 0), or which differ and by how much (1). Costs, licences and "
    "where the run was made cannot be recomputed."
)

# So many differences are printed; `--json` has all.
MAX_SHOWN = 40


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness verify`."""
    add_run_argument(command)
    add_suite_option(command, of_run=True)
    command.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Verify the leaderboard, print the result, and return the exit code."""
    import dataclasses
    import json

    from harness.verify.verification import verify

    verification = verify(options.run_folder, options.suite)
    count = len(verification.differences)
    if options.json:
        print(json.dumps({"equal": not count, **dataclasses.asdict(verification)}, indent=2))
        return 1 if count else 0
    for difference in verification.differences[:MAX_SHOWN]:
        print(difference)
    if count > MAX_SHOWN:
        print(f"... and {count - MAX_SHOWN} more; --json has all")
    for note in verification.notes:
        print(f"Note: {note}.")
    counts = f"{verification.rows} rows and {verification.predictions} predictions"
    print(
        f"{verification.path}: {counts} recomputed: {f'{count} differ' if count else 'all equal'}"
    )
    return 1 if count else 0
