"""`harness merge`: its options."""

import argparse

from harness.command.options import name, path
from harness.eval.verb import DrawReport
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Make one run of the shards that `harness eval --shard` has predicted: unite their stores, and "
    "score and write all as `harness eval` does. The shards are only read."
)
EXAMPLES = ("harness merge run-1 run-2 --out run",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness merge`."""
    command.add_argument(
        "folders",
        type=path,
        metavar="SHARD",
        nargs="+",
        help="the folder of a shard, or one that several were merged in",
    )
    command.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        required=True,
        help="the folder of the whole run, which must not be there yet",
    )
    command.add_argument(
        "--allow-missing",
        action="store_true",
        help="count what no shard has predicted as failed (default: it is an error)",
    )
    command.add_argument(
        "--stores-only",
        action="store_true",
        help="only unite the stores: a part of the shards, which is merged again; nothing is "
        "scored and nothing missing",
    )
    command.add_argument(
        "--suite",
        type=name,
        metavar="SUITE",
        dest="suite_name",
        help="where the suite is, as `harness eval` takes it (default: where the first shard says)",
    )
    add_format_options(command)


def run(options: argparse.Namespace, draw_report: DrawReport) -> int:
    """Merge, print the leaderboard, and return the exit code."""
    from harness.eval.printing import evaluation_text, exit_code
    from harness.merge.merge import merge

    evaluation = merge(
        options.folders,
        options.out,
        options.suite_name,
        options.allow_missing,
        options.stores_only,
    )
    if evaluation is None:
        print(f"United: {options.out}")
        return 0
    print(evaluation_text(evaluation, draw_report(options.out), options), end="")
    return exit_code(evaluation.failures)
