"""`harness agreement`: its options, and what it prints."""

import argparse
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.agreement.judgments.judgments import HALVES
from harness.command.options import add_metric_options, name, names, path
from harness.records import TASKS
from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.agreement.judges import AskedJudges

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
    command.add_argument(
        "--judges", type=names, metavar="A,B",
        help="judges of the roster, [judges.NAME], that are asked about the summaries or answers, "
        "beside the measures",
    )  # fmt: skip
    command.add_argument(
        "--roster", type=name, metavar="ROSTER", action="append", dest="judge_rosters",
        help="where the judges stand, as for `harness eval` (default: the settings', else "
        "./models.toml, else shipped)",
    )  # fmt: skip
    command.add_argument(
        "--out", type=path, metavar="DIR", dest="judgments_folder",
        help="where what judges say is kept, so that nobody is asked twice (default: the "
        "settings' out, else results)",
    )  # fmt: skip
    command.add_argument(
        "--dry-run", action="store_true",
        help="say how many calls and tokens the judges would take, and at what cost; ask nobody",
    )  # fmt: skip
    add_format_options(command)
    add_metric_options(command, language="the data's, else English", references="jackknife")


def run(options: argparse.Namespace) -> int:
    """Print how far the measures agree with people, and return the exit code."""
    from harness.agreement.agreement import Request
    from harness.agreement.further import with_further_measures
    from harness.agreement.printing.judge_costs import costs_csv, costs_json, costs_parts
    from harness.agreement.printing.machine import agreement_csv, agreement_json
    from harness.agreement.printing.text import agreement_parts
    from harness.agreement.sets import agreements, judging_costs
    from harness.errors import UsageError
    from harness.metrics.options import chosen_by_flags
    from harness.models.roster.encoders import with_answer_judge, with_encoder
    from harness.tables.formats import Result, result_text

    metric_options = with_further_measures(chosen_by_flags(vars(options)), options.measures)
    request = Request(
        measures=options.measures,
        aspects=options.aspects,
        options=with_answer_judge(with_encoder(metric_options), options.judge_rosters),
        threshold=options.threshold,
        half=options.half,
    )
    if options.statements and (options.measures or options.judges):
        flag = "--measures" if options.measures else "--judges"
        raise UsageError(f"{flag}: --statements has measures of its own; leave one of them out")
    if options.dry_run and not options.judges:
        raise UsageError("--dry-run: says what judges would take; name some with --judges")
    with contextlib.ExitStack() as stack:
        if options.judges:
            request = replace(request, judges=stack.enter_context(_asked_judges(options)))
        data = (options.data, options.column, options.task)
        if options.dry_run:
            costs = judging_costs(*data, request)
            result = Result(
                table=lambda: costs_parts(costs),
                csv=lambda: costs_csv(costs),
                json=lambda: costs_json(costs),
            )
        else:
            sets = agreements(*data, options.lower_is_better, request, options.statements)
            result = Result(
                table=lambda: agreement_parts(sets),
                csv=lambda: agreement_csv(sets),
                json=lambda: agreement_json(sets),
            )
        print(result_text(result, options), end="")
    return 0


@contextlib.contextmanager
def _asked_judges(options: argparse.Namespace) -> "Iterator[AskedJudges]":
    """Yield the judges that the options name, with the store that keeps what they say."""
    from harness.agreement.judges import AskedJudges
    from harness.command.settings import read_settings
    from harness.environment import environment, thread_count
    from harness.judging.opinions.choice import choose_judges
    from harness.models.roster.roster import note_network, read_judges
    from harness.run.store import Store

    settings = read_settings()
    rosters = options.judge_rosters or list(settings.roster.value)
    known = read_judges() | read_judges(rosters, settings.prompts.value)
    entries = choose_judges(options.judges, known)
    note_network(entries)
    folder = options.judgments_folder or settings.out.value
    file = folder / "predictions.sqlite"
    with Store(file, read_only=options.dry_run) as store:
        yield AskedJudges(entries, store, file, environment(thread_count()))


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
