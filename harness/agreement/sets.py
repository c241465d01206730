"""The agreement on several sets, one read and measured after the other."""

from collections.abc import Sequence
from pathlib import Path

from harness.agreement.agreement import (
    Request,
    SetAgreement,
    agreement,
    check_measures,
    chosen_aspects,
)
from harness.agreement.judges import JudgeCost, judge_costs
from harness.agreement.judgments.reading import LOWER_ASPECTS, read_sets
from harness.agreement.statements import statement_agreements
from harness.errors import DataError, UsageError, did_you_mean
from harness.progress import note
from harness.records import Task


def judging_costs(
    paths: Sequence[Path],
    columns: Sequence[str],
    task: Task | None,
    request: Request,
) -> list[JudgeCost]:
    """Return what asking the judges of a request about each set would take; nobody is asked."""
    costs: list[JudgeCost] = []
    if request.judges is None:
        return costs
    for judged in read_sets(paths, columns, task, LOWER_ASPECTS):
        kept = judged.half(request.half) if request.half else judged
        if chosen_aspects(kept, request):
            costs += judge_costs(kept, request.judges, request.options)
    return costs


def agreements(
    paths: Sequence[Path],
    columns: Sequence[str],
    task: Task | None,
    lower: Sequence[str],
    request: Request,
    statements: bool = False,
) -> list[SetAgreement]:
    """Return the agreement on each set of some files and folders.

    `columns` are ROLE=NAME, `lower` aspects of which less is better. A set without any of the
    aspects and measures that are asked for is passed over. With `statements` it is the agreement on
    single statements, and on the share of them that a summary tells. Raises UsageError where that
    leaves none, and for a measure that there is not; DataError as `read_sets` does, and for a set
    without scores.
    """
    check_measures(request.measures)
    found = []
    aspects: dict[str, None] = {}
    for judged in read_sets(paths, columns, task, (*LOWER_ASPECTS, *lower)):
        if not judged.aspects:
            raise DataError(
                f"{judged.file}: no line has a score; name one with --column scores=NAME"
            )
        aspects |= dict.fromkeys(judged.aspects)
        noun = "summaries" if judged.task == "summarize" else "answers"
        note(f"{judged.name}: {len(judged.judgments):,} {noun}")
        if statements:
            found += statement_agreements(judged, request)
        elif (result := agreement(judged, request)) is not None:
            found.append(result)
    for aspect in request.aspects or ():
        if aspect not in aspects:
            raise UsageError(
                f"--aspects: no data have {aspect!r}{did_you_mean(aspect, [*aspects])}"
            )
    if statements and not found:
        raise UsageError("--statements: no summaries here have statements, or references")
    if not found:
        raise UsageError("--measures: none of them is for what was judged here")
    return found
