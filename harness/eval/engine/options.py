"""The options of `harness eval` that say where predictions are made."""

import argparse
from typing import TYPE_CHECKING

from harness.command.options import name

if TYPE_CHECKING:
    from harness.eval.engine.choice import EngineChoice


def add_engine_options(command: "argparse._ActionsContainer") -> None:
    """Add the options."""
    command.add_argument(
        "--engine",
        choices=("ray",),
        help="make the predictions with workers on a Ray cluster: one of this machine alone that "
        "ends with the run, or the one at --address (default: in this process)",
    )
    command.add_argument(
        "--address",
        type=name,
        metavar="HOST:PORT",
        help="join this Ray cluster, or with auto the one that runs on this machine",
    )
    command.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="so many workers (default: as many as the cluster has room for)",
    )
    command.add_argument(
        "--wait",
        type=amount,
        metavar="SECONDS",
        help="wait so long for a worker when none is left (default: 600)",
    )


def chosen_engine(options: argparse.Namespace) -> "EngineChoice | None":
    """Return where predictions are made, `None` for this process; raise UsageError."""
    from harness.errors import UsageError
    from harness.eval.engine.choice import WAIT, EngineChoice

    if options.engine is None:
        for flag in ("address", "workers", "wait"):
            if getattr(options, flag) is not None:
                raise UsageError(f"--{flag}: is of a cluster's workers; give --engine ray too")
        return None
    wait = WAIT if options.wait is None else options.wait
    return EngineChoice(options.address, options.workers, wait)


def whole_number(text: str) -> int:
    """Return a whole number from 1 that an option gives."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)


def amount(text: str) -> float:
    """Return a number from 0 that an option gives."""
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number from 0, not {text!r}")
    return amount
