"""`harness agreement`: its options, and what it prints."""

import argparse

from harness.agreement.judgments.judgments import HALVES
from harness.command.options import add_metric_options, names, path
from harness.records import TASKS
from harness.tables.formats import add_format_options

DESCRIPTION = (
    "Hold measures against human judgments of summaries or answers: correlations per article, "
    "over all texts and of systems, pairwise accuracy, and for answers accuracy and AUC, with "
    "intervals and paired tests. DATA is JSON lines, plain or packed by gzip, with "
    "NAME.articles.jsonl beside NAME.jsonl if articles have a file of their own; or a folder of "
    "such."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness agreement`."""
    command.add_argument("data", type=path, metavar="DATA", nargs="+",
                         help="a file of judgments, or a folder of them")  # fmt: skip
    command.add_argument(
        "--measures", type=names, metavar="NAMES", help="these measures alone (default: all)"
    )
    command.add_argument(
        "--aspects", type=names, metavar="NAMES", help="these scores of people's alone"
    )
    command.add_argument(
        "--half", choices=HALVES,
        help="every second article or question alone, the first is odd: to tune on one half and "
        "look at the other",
    )  # fmt: skip
    command.add_argument(
        "--statements", action="store_true",
        help="how often words find a statement in a summary where people found it, and the share "
        "of its statements that a summary tells; without statements, its references' sentences",
    )  # fmt: skip
    command.add_argument(
        "--task", choices=TASKS, help="what was judged (default: told by the columns)"
    )
    command.add_argument(
        "--column", metavar="ROLE=NAME", action="append", default=[],
        help="the column of a role, dots for nested ones, such as scores=rating.fluency; may be "
        "given several times. Of summaries: article_id, article, system, summary, references, "
        "group, scores, source, language, leave_out; of answers: question_id, question, answer, "
        "references, system, scores, language, leave_out",
    )  # fmt: skip
    command.add_argument(
        "--lower-is-better", type=names, metavar="NAMES", default=[],
        help="scores of people's of which less is better",
    )  # fmt: skip
    command.add_argument(
        "--threshold", type=_threshold, metavar="X", default=0.5,
        help="from where on a measure calls an answer right (default: 0.5)",
    )  # fmt: skip
    add_format_options(command)
    add_metric_options(command, language="the data's, else English", references="jackknife")


def run(options: argparse.Namespace) -> int:
    """Print how far the measures agree with people, and return the exit code."""
    from harness.agreement.agreement import Request
    from harness.agreement.further import with_further_measures
    from harness.agreement.printing.machine import agreement_csv, agreement_json
    from harness.agreement.printing.text import agreement_parts
    from harness.agreement.sets import agreements
    from harness.errors import UsageError
    from harness.metrics.options import chosen_by_flags
    from harness.models.roster.encoders import with_encoder
    from harness.tables.formats import Result, result_text

    metric_options = with_further_measures(chosen_by_flags(vars(options)), options.measures)
    request = Request(
        measures=options.measures,
        aspects=options.aspects,
        options=with_encoder(metric_options),
        threshold=options.threshold,
        half=options.half,
    )
    if options.statements and options.measures:
        raise UsageError("--measures: --statements has measures of its own; leave one of them out")
    sets = agreements(
        options.data,
        options.column,
        options.task,
        options.lower_is_better,
        request,
        options.statements,
    )
    result = Result(
        table=lambda: agreement_parts(sets),
        csv=lambda: agreement_csv(sets),
        json=lambda: agreement_json(sets),
    )
    print(result_text(result, options), end="")
    return 0


def _threshold(text: str) -> float:
    """Return a number; raise ArgumentTypeError if there is none.

    >>> _threshold("0.5")
    0.5
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}")
    return value
