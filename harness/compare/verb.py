"""`harness compare`: its options, and what it prints."""

import argparse

from harness.command.options import RUN_HELP, add_run_argument, names, path
from harness.errors import UsageError
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Compare two runs example by example: what improved, what got worse, the largest losses, and "
    "what changed between them. Rows whose goldens or metrics differ are not compared."
)
EXAMPLES = ("harness compare results-before results",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness compare`."""
    command.add_argument("base", type=path, metavar="BASE", help=f"{RUN_HELP}: the one before")
    add_run_argument(command, "the run to hold against it")
    command.add_argument(
        "--metrics", type=names, metavar="NAMES", default=[],
        help="by these metrics too, each in a table of its own, after the primary one",
    )  # fmt: skip
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Compare the runs, print the result, and return the exit code."""
    from harness.compare.content import json_text
    from harness.compare.pairs import compare
    from harness.compare.text import comparison, comparison_csv
    from harness.leaderboard.judged_metrics import judged_declaration
    from harness.leaderboard.run_folder import read_run
    from harness.progress import note
    from harness.tables.formats import Result, result_text

    if not options.base.exists():
        raise UsageError(
            f"{options.base}: there is no such run; BASE and RUN are folders that `harness eval` "
            "has written. Models of one run stand pairwise below its leaderboard, and on its page"
        )
    base, head = read_run(options.base), read_run(options.run_folder)
    for name in options.metrics:
        judged_declaration("--metrics", name, [base, head])
    run_pair = compare(base, head, options.metrics)
    if base.folder.samefile(head.folder):
        note(f"{head.folder}: is both BASE and RUN, so nothing can differ; name two runs")
    result = Result(
        table=lambda: comparison(run_pair),
        csv=lambda: comparison_csv(run_pair),
        json=lambda: json_text(run_pair),
    )
    print(result_text(result, options), end="")
    return 0
