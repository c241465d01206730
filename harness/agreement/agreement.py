"""The agreement of measures with people on one set of judgments: figures, and what is in none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.agreement.answers import THRESHOLD, AnswerFigure, answer_figures
from harness.agreement.correlations.comparing import Comparison
from harness.agreement.correlations.draws import DRAWS, SEED
from harness.agreement.further import FURTHER_MEASURES
from harness.agreement.judges import AskedJudges, judged_values
from harness.agreement.judgments.judgments import Half, JudgedSet
from harness.agreement.measures import (
    MEASURES,
    Direction,
    Needs,
    Values,
    measured,
    reference_systems,
)
from harness.agreement.summaries import Figure, summary_figures
from harness.errors import UsageError, did_you_mean
from harness.metrics.options import USUAL, MetricOptions
from harness.records import Task

NOUNS: Mapping[Task, tuple[str, str]] = {
    "summarize": ("summaries", "article"),
    "answer": ("answers", "question"),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of every set: measures and aspects by name, `None` for all there are.

    `half` leaves every second article, `None` all. `judges` have measures beside these.
    """

    measures: Sequence[str] | None = None
    aspects: Sequence[str] | None = None
    options: MetricOptions = USUAL
    threshold: float = THRESHOLD
    half: Half | None = None
    draws: int = DRAWS
    seed: int = SEED
    judges: AskedJudges | None = None


@dataclass(frozen=True, slots=True)
class MeasureCounts:
    """A measure on one set: of how many texts it has a value, and why not of the first other."""

    measure: str
    direction: Direction
    needs: Needs
    signature: str
    scored: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class AspectCounts:
    """An aspect of one set: how many texts have a score of it, and whether all are the same."""

    aspect: str
    direction: Direction
    n: int
    mean: float | None
    constant: bool


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """All that was found on one set.

    `articles` are articles, or questions, of the `half` asked for; `nouns` are what the texts and
    these are called, the texts as a plural. `unknown_systems` counts texts whose system is not
    said, `left_out` lines that say themselves that they are to be left out; `reference_systems` are
    systems whose texts are references themselves.
    """

    name: str
    file: str
    task: Task
    nouns: tuple[str, str]
    texts: int
    articles: int
    systems: tuple[str, ...]
    sources: tuple[str, ...]
    half: Half | None
    unknown_systems: int
    left_out: int
    without_references: int
    reference_systems: tuple[str, ...]
    aspects: tuple[AspectCounts, ...]
    measures: tuple[MeasureCounts, ...]
    summaries: tuple[Figure, ...]
    answers: tuple[AnswerFigure, ...]
    comparisons: tuple[Comparison, ...]


def check_measures(names: Sequence[str] | None) -> None:
    """Raise UsageError for a measure that there is not."""
    known = list(dict.fromkeys(name for of_task in MEASURES.values() for name in of_task))
    for name in names or ():
        if name not in known:
            raise UsageError(f"--measures: there is no measure {name!r}{did_you_mean(name, known)}")


def agreement(judged: JudgedSet, request: Request) -> SetAgreement | None:
    """Return how far measures agree with people on a set.

    `None` where it has none of the aspects that are asked for, or no measure is of its task.
    Raises MetricError for options of metrics that make no sense.
    """
    judged = judged.half(request.half) if request.half else judged
    aspects = chosen_aspects(judged, request)
    names = [
        name
        for name in MEASURES[judged.task]
        if (request.measures is None or name in request.measures)
        and FURTHER_MEASURES.get(name) in (None, *(request.options.further or ()))
    ]
    if not aspects:
        return None
    measures = measured(judged, names, request.options)
    measures += judged_values(judged, request.judges, request.options)
    if not measures:
        return None
    return held_against(judged, measures, aspects, request)


def chosen_aspects(judged: JudgedSet, request: Request) -> list[str]:
    """Return those of a set's scores of people's that are asked for."""
    return [a for a in judged.aspects if request.aspects is None or a in request.aspects]


def held_against(
    judged: JudgedSet,
    measures: Sequence[Values],
    aspects: Sequence[str],
    request: Request,
    nouns: tuple[str, str] | None = None,
) -> SetAgreement:
    """Return how far measures, whose values are known, agree with people on some aspects.

    `nouns` are what the texts and the articles are called, where that is not by the task.
    """
    summaries: list[Figure] = []
    answers: list[AnswerFigure] = []
    draws, seed = request.draws, request.seed
    if judged.task == "summarize":
        summaries, comparisons = summary_figures(judged, measures, aspects, draws, seed)
    else:
        answers, comparisons = answer_figures(
            judged, measures, aspects, request.threshold, draws, seed
        )
    judgments = judged.judgments
    return SetAgreement(
        name=judged.name,
        file=judged.file,
        task=judged.task,
        nouns=nouns or NOUNS[judged.task],
        texts=len(judgments),
        articles=len({judgment.article_id for judgment in judgments}),
        systems=tuple(sorted({j.system for j in judgments if j.system is not None})),
        sources=judged.sources,
        half=request.half,
        unknown_systems=sum(judgment.system is None for judgment in judgments),
        left_out=judged.left_out,
        without_references=sum(not judgment.references for judgment in judgments),
        reference_systems=tuple(reference_systems(judged)),
        aspects=tuple(_aspect(judged, aspect) for aspect in aspects),
        measures=tuple(map(_measure, measures)),
        summaries=tuple(summaries),
        answers=tuple(answers),
        comparisons=tuple(comparisons),
    )


def _aspect(judged: JudgedSet, aspect: str) -> AspectCounts:
    scores = [s for j in judged.judgments if (s := j.scores.get(aspect)) is not None]
    return AspectCounts(
        aspect,
        "lower" if aspect in judged.lower else "higher",
        len(scores),
        sum(scores) / len(scores) if scores else None,
        len(set(scores)) < 2,
    )


def _measure(values: Values) -> MeasureCounts:
    return MeasureCounts(
        values.measure,
        values.direction,
        values.needs,
        values.signature,
        values.scored,
        values.problem,
    )
