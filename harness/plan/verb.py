"""`harness plan`: its options, and what it prints."""

import argparse

from harness.options import add_run_argument, add_suite_option


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness plan`."""
    add_run_argument(command, "the finished run to learn from")
    add_suite_option(command, of_run=True)
    command.add_argument(
        "--difference",
        type=_difference,
        metavar="X",
        required=True,
        help="the difference to show, between 0 and 1: 0.05 is five points of the tables",
    )
    command.add_argument(
        "--metric", metavar="NAME", help="of this metric (default: each task's primary one)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print a plan for each task, and return the exit code."""
    from harness.plan.plan import plan, plan_text, plans_json

    plans = plan(options.run_folder, options.difference, options.suite, options.metric)
    print(
        plans_json(plans)
        if options.json
        else "\n\n".join(plan_text(task_plan) for task_plan in plans)
    )
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
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(
            f"must be between 0 and 1, not {text!r}: 0.05 is five points of the tables"
        )
    return value
