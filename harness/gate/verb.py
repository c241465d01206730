"""`harness gate`: its options, and what it prints."""

import argparse
import sys

from harness.options import add_run_argument, path

DESCRIPTION = (
    "Hold a run against a baseline. Fails (1) only if the whole 95 % interval of a primary "
    "metric's change lies beyond the tolerance, if examples are missing, or if failures grew; "
    "refuses (2) what is not comparable, and says which part differs."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness gate`."""
    add_run_argument(command, "the run to judge")
    command.add_argument("--baseline", type=path, metavar="BASE", required=True,
                         help="the run to hold it against")  # fmt: skip
    command.add_argument(
        "--tolerance", type=_tolerance, metavar="METRIC=X", action="append", default=[],
        help="how much worse a primary metric may be, of 1: f1=0.02 is two points; may be given "
        "for several metrics (default: 0)",
    )  # fmt: skip
    command.add_argument("--markdown", type=path, metavar="FILE",
                         help="write a summary for a pull request")  # fmt: skip
    command.add_argument("--junit", type=path, metavar="FILE",
                         help="write JUnit XML, one test case a row")  # fmt: skip
    command.add_argument("--json", action="store_true", help="print JSON, no table")


def run(options: argparse.Namespace) -> int:
    """Judge the run, print and write the verdicts, and return the exit code."""
    import dataclasses
    import json

    from harness.compare.pairs import compare
    from harness.files import write_atomically
    from harness.gate.junit import junit
    from harness.gate.text import gate_text, headline, markdown
    from harness.gate.verdicts import judge
    from harness.leaderboard.run_folder import read_run

    run_pair = compare(read_run(options.baseline), read_run(options.run_folder))
    gate = judge(run_pair, dict(options.tolerance))
    if options.markdown:
        write_atomically(options.markdown, markdown(gate))
    if options.junit:
        write_atomically(options.junit, junit(gate))
    if options.json:
        content = {"exit_code": gate.exit_code, **dataclasses.asdict(gate)}
        print(json.dumps(content, indent=2, allow_nan=False))
    else:
        print(gate_text(gate))
    refused = gate.with_state("refused")
    if refused:
        first = refused[0]
        print(
            f"harness: {len(refused)} row{'s' if len(refused) > 1 else ''} cannot be held against "
            f"the baseline; {first.name}: {first.reason}",
            file=sys.stderr,
        )
    elif gate.exit_code:
        print(f"harness: {headline(gate)}", file=sys.stderr)
    return gate.exit_code


def _tolerance(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        tolerance = float(value)
    except ValueError:
        tolerance = -1.0
    if not equals or not name or not 0 <= tolerance < 1:
        raise argparse.ArgumentTypeError(
            f"must be METRIC=X with X from 0 to below 1 (0.02 is two points), not {text!r}"
        )
    return name, tolerance
