"""`harness gate`: its options, and what it prints."""

import argparse
import math
from collections.abc import Callable

from harness.command.options import add_run_argument, path
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Hold a run against a baseline by two standards. Regression, for each row's primary metric, "
    "fails (1) if a loss beyond the tolerance is shown: by a one-sided test at 5 %, paired by "
    "example and clustered by article, for each row and metric by itself. Non-inferiority, for the "
    "metrics that are named, fails unless the loss is shown to be below the margin, by the same "
    "test. Missing examples and grown failures fail too. Refuses (2) what is not comparable, and "
    "says which part differs."
)

EXAMPLES = (
    "harness gate results --baseline baseline",
    "harness gate --baseline baseline --tolerance f1=0.02 --junit gate.xml",
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness gate`."""
    add_run_argument(command, "the run to judge")
    command.add_argument("--baseline", type=path, metavar="BASE", required=True,
                         help="the run to hold it against")  # fmt: skip
    command.add_argument(
        "--tolerance", type=_allowance("X", least=0), metavar="METRIC[@SCOPE]=X", action="append",
        default=[],
        help="regression: a loss of a metric is let pass up to X, in its own unit: f1=0.02 is two "
        "points; a metric that is not primary is judged too; with @article or @event in rows of "
        "that scope alone; may be given for several (default: 0, of primary metrics)",
    )  # fmt: skip
    command.add_argument(
        "--non-inferiority", type=_allowance("MARGIN"), metavar="METRIC[@SCOPE]=MARGIN",
        action="append", default=[],
        help="a metric fails unless its loss is shown to be below MARGIN; with @article or @event "
        "in rows of that scope alone; may be given for several",
    )  # fmt: skip
    command.add_argument("--markdown", type=path, metavar="FILE",
                         help="write a summary for a pull request")  # fmt: skip
    command.add_argument("--junit", type=path, metavar="FILE",
                         help="write JUnit XML, a test case for each row and metric")  # fmt: skip
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Judge the run, print and write the verdicts, and return the exit code."""
    from harness.compare.content import json_text
    from harness.files import refuse_foreign_file, write_atomically
    from harness.gate.junit import junit
    from harness.gate.standards import Standards
    from harness.gate.text import gate_csv, gate_parts, headline, markdown
    from harness.gate.verdicts import gate_runs
    from harness.leaderboard.run_folder import read_run
    from harness.progress import warn
    from harness.tables.formats import Result, result_text

    for option, place, beginning in (
        ("--markdown", options.markdown, "### "),
        ("--junit", options.junit, r"<\?xml"),
    ):
        if place:
            refuse_foreign_file(place, beginning, "summary of a gate", option)
    standards = Standards(dict(options.tolerance), dict(options.non_inferiority))
    base, head = read_run(options.baseline), read_run(options.run_folder)
    gate = gate_runs(base, head, standards)
    if options.markdown:
        write_atomically(options.markdown, markdown(gate))
    if options.junit:
        write_atomically(options.junit, junit(gate))
    result = Result(
        table=lambda: gate_parts(gate),
        csv=lambda: gate_csv(gate),
        json=lambda: json_text(gate, exit_code=gate.exit_code),
        markdown=lambda: markdown(gate),
    )
    print(result_text(result, options), end="")
    refused = gate.with_state("refused")
    if refused:
        first = refused[0]
        warn(
            f"{len(refused)} row{'s' if len(refused) > 1 else ''} cannot be held against the "
            f"baseline; {first.name}: {first.reason}{f'; {first.hint}' if first.hint else ''}"
        )
    elif gate.exit_code:
        warn(headline(gate))
    if base.folder.samefile(head.folder):
        warn(f"{head.folder}: is both RUN and its baseline, so no loss can be shown; name two runs")
    return gate.exit_code


def _allowance(value_name: str, least: float | None = None) -> Callable[[str], tuple[str, float]]:
    """Return a reader of METRIC=NUMBER, of numbers from `least`, or above 0."""

    def read(text: str) -> tuple[str, float]:
        from harness.leaderboard.judged_metrics import metric_and_scope

        name, equals, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        try:
            metric_and_scope(name)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None
        large_enough = number > 0 if least is None else number >= least
        if not equals or not name or not large_enough or math.isinf(number):
            bound = "above 0" if least is None else f"from {least:g}"
            raise argparse.ArgumentTypeError(
                f"must be METRIC={value_name} with {value_name} {bound}, in the metric's unit "
                f"(0.02 is two points), not {text!r}"
            )
        return name, number

    return read
