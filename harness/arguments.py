"""What `harness plan` takes on its command line, and `harness eval --prompts`."""

import argparse
from collections.abc import Callable
from pathlib import Path


def add_plan_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `harness plan`, but for --suite."""
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("results"),
        help="the folder of a finished run on the suite, to learn from (default: results)",
    )
    command.add_argument(
        "--difference",
        type=difference,
        metavar="X",
        required=True,
        help="the difference to show, between 0 and 1: 0.05 is five points of the tables",
    )
    command.add_argument(
        "--metric", metavar="NAME", help="of this metric (default: each task's primary one)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def add_prompts_argument(
    command: argparse.ArgumentParser, names: Callable[[str], list[str]]
) -> None:
    """Add --prompts to `harness eval`."""
    command.add_argument(
        "--prompts",
        type=names,
        metavar="A,B",
        help="run each prompted model under each of these prompts; the rows are called "
        '"model [prompt]" (default: the prompt that the roster names)',
    )


def difference(text: str) -> float:
    """Return a difference of two scores; raise ArgumentTypeError if there can be none such.

    >>> difference("0.05")
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
