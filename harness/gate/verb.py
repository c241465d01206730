"""`harness gate`: its options, and what it prints."""

import argparse

from harness.command.options import add_run_argument, path
from harness.tables.formats import add_format_options

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
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Judge the run, print and write the verdicts, and return the exit code."""
    import dataclasses
    import json

    from harness.compare.changes import rescoring_hint
    from harness.compare.pairs import compare
    from harness.files import refuse_foreign_file, write_atomically
    from harness.gate.junit import junit
    from harness.gate.text import gate_csv, gate_parts, headline, markdown
    from harness.gate.verdicts import judge
    from harness.leaderboard.run_folder import read_run
    from harness.progress import warn
    from harness.tables.formats import Result, result_text

    for option, place, beginning in (
        ("--markdown", options.markdown, "### "),
        ("--junit", options.junit, r"<\?xml"),
    ):
        if place:
            refuse_foreign_file(place, beginning, "summary of a gate", option)
    run_pair = compare(read_run(options.baseline), read_run(options.run_folder))
    gate = judge(run_pair, dict(options.tolerance))
    if options.markdown:
        write_atomically(options.markdown, markdown(gate))
    if options.junit:
        write_atomically(options.junit, junit(gate))
    content = {"exit_code": gate.exit_code, **dataclasses.asdict(gate)}
    result = Result(
        table=lambda: gate_parts(gate),
        csv=lambda: gate_csv(gate),
        json=lambda: json.dumps(content, indent=2, allow_nan=False),
        markdown=lambda: markdown(gate),
    )
    print(result_text(result, options), end="")
    refused = gate.with_state("refused")
    if refused:
        first = refused[0]
        hint = rescoring_hint(first.pair.refused if first.pair else ())
        warn(
            f"{len(refused)} row{'s' if len(refused) > 1 else ''} cannot be held against the "
            f"baseline; {first.name}: {first.reason}{f'; {hint}' if hint else ''}"
        )
    elif gate.exit_code:
        warn(headline(gate))
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
