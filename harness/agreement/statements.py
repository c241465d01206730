"""How often words find a statement in a summary where people found it, and where they did not.

It is the nearest that public data come to golden questions: people said of each statement whether
a summary tells it, as a reader of questions would have to. No question is asked here and no model:
a statement is looked for as it is written, or its words are, or its numbers and names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from harness.agreement.agreement import Request, SetAgreement, held_against
from harness.agreement.correlations.weighted import Floats
from harness.agreement.judgments.judgments import JudgedSet, Judgment
from harness.agreement.judgments.statements import Statement
from harness.agreement.measures import Values, measured
from harness.errors import MetricError
from harness.metrics.answers.contains import Contains
from harness.metrics.support.support import Support
from harness.metrics.unsupported import ArticleFacts, checked_spans
from harness.text.splitting import sentences

# What is looked at of a statement; the signatures are those of the metrics, turned round.
STATEMENT_MEASURES = ("told", "told_facts", "told_words", "told_support")
# Beside the means of these over a summary's statements.
BESIDE = ("rouge1", "rouge1_recall", "words")
PRESENT = "present"


def statement_agreements(judged: JudgedSet, request: Request) -> list[SetAgreement]:
    """Return the agreement on a set's statements, and on the share of them that summaries tell.

    The first is there where people said of statements whether a summary has them; else statements
    are the sentences of the references, and there is the second alone. It holds the mean of each
    measure over a summary's statements against the scores of the set, beside the measures of
    `BESIDE`. None for a set of answers, and one without statements and references.
    """
    judged = judged.half(request.half) if request.half else judged
    if judged.task != "summarize":
        return []
    statements = [_statements_of(judgment) for judgment in judged.judgments]
    if not any(statements):
        return []
    values = _values(judged.judgments, statements)
    found = []
    labelled = _labelled(judged, statements)
    if any(judgment.scores[PRESENT] is not None for judgment in labelled.judgments):
        found.append(held_against(labelled, values, [PRESENT], request, ("statements", "article")))
    aspects = [a for a in judged.aspects if request.aspects is None or a in request.aspects]
    beside = measured(judged, BESIDE, request.options)
    shares = [_by_summary(measure, statements) for measure in values]
    if aspects:
        named = replace(judged, name=f"{judged.name}, shares")
        found.append(held_against(named, [*shares, *beside], aspects, request))
    return found


def _statements_of(judgment: Judgment) -> Sequence[Statement]:
    """Return the statements that people looked for, or the sentences of all references."""
    return judgment.statements or [
        Statement(reference[span.start : span.end])
        for reference in judgment.references
        for span in sentences(reference)
    ]


def _labelled(judged: JudgedSet, statements: Sequence[Sequence[Statement]]) -> JudgedSet:
    """Return a judgment a statement, its score what people said of it."""
    judgments = tuple(
        replace(
            judgment,
            references=(statement.text,),
            scores={PRESENT: None if statement.present is None else float(statement.present)},
            statements=(),
        )
        for judgment, own in zip(judged.judgments, statements, strict=True)
        for statement in own
    )
    return replace(judged, name=f"{judged.name}, statements", task="answer", judgments=judgments)


def _values(
    judgments: Sequence[Judgment], statements: Sequence[Sequence[Statement]]
) -> list[Values]:
    """Return what each measure gives each statement, one summary's after the other's."""
    contains, support = Contains(), Support()
    signatures = {
        "told": contains.signatures["contains"],
        "told_facts": "share of numbers, names, quotes|" + support.signatures["unsupported"],
        "told_words": contains.signatures["token_recall"],
        "told_support": support.signatures["support"],
    }
    rows: list[tuple[float, float, float, float]] = []
    problem = None
    for judgment, own in zip(judgments, statements, strict=True):
        facts = ArticleFacts(judgment.text)
        for statement in own:
            spans = checked_spans(statement.text, facts)
            there = fmean(span.supported for span in spans) if spans else np.nan
            by_words = contains.score(judgment.text, [statement.text])
            try:
                places = support.sentences(statement.text, judgment.text)
                borne_out = fmean(place.support for place in places) if places else np.nan
            except MetricError as error:  # a summary without a word
                problem = problem or f"{judgment.where}: {error}"
                borne_out = np.nan
            rows.append((by_words["contains"], there, by_words["token_recall"], borne_out))
    columns = np.array(rows, dtype=np.float64).T
    return [
        Values(name, "higher", "references", f"{name}|{signatures[name]}", values, problem)
        for name, values in zip(STATEMENT_MEASURES, columns, strict=True)
    ]


def _by_summary(measure: Values, statements: Sequence[Sequence[Statement]]) -> Values:
    """Return the mean of a measure over each summary's statements, NaN where it has none."""
    return replace(
        measure,
        signature=f"{measure.signature}|mean of statements",
        values=np.array(list(_means(measure.values, statements))),
    )


def _means(values: Floats, statements: Sequence[Sequence[Statement]]) -> Iterator[float]:
    start = 0
    for own in statements:
        known = values[start : start + len(own)]
        known = known[np.isfinite(known)]
        yield float(known.mean()) if len(known) else np.nan
        start += len(own)
