"""`harness plan`: its options, and what it prints."""

import argparse
import math

from harness.command.options import add_run_argument, add_suite_option
from harness.tables.formats import add_format_options

EXAMPLES = ("harness plan --difference 0.05 --metric f1",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness plan`."""
    add_run_argument(command, "the finished run to learn from")
    add_suite_option(command, of_run=True)
    command.add_argument(
        "--difference",
        type=_difference,
        metavar="X",
        required=True,
        help="the difference to show: of shares from 0 to 1, 0.05 is five points of the tables",
    )
    command.add_argument(
        "--metric", metavar="NAME", help="of this metric (default: each task's primary one)"
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print a plan for each task, and return the exit code."""
    from harness.plan.plan import plan
    from harness.plan.text import plan_parts, plans_csv, plans_json, plans_markdown
    from harness.tables.formats import Result, result_text

    plans = plan(options.run_folder, options.difference, options.suite, options.metric)
    result = Result(
        table=lambda: plan_parts(plans),
        csv=lambda: plans_csv(plans),
        json=lambda: plans_json(plans),
        markdown=lambda: plans_markdown(plans),
    )
    print(result_text(result, options), end="")
    return 0


def _difference(text: str) -> float:
    """Return a difference of two scores; raise ArgumentTypeError if there can be none such.

    >>> _difference("0.05")
    0.05
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(
            f"must be a number above 0, not {text!r}: 0.05 is five points of the tables"
        )
    return value
