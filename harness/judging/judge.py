"""A judge that is asked about texts: through `predict` and the store, like any model."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.judging.inquiry import Inquiry
from harness.judging.judgment import Judgment
from harness.judging.sources import derived
from harness.models.roster.roster import Entry
from harness.records import SCOPES, Example, Scope
from harness.run.engines.engine import Engine, job_of
from harness.run.engines.local import LOCAL
from harness.run.predict import Predicted, Progress, Turn
from harness.run.store import Store


@dataclass(frozen=True)
class Judged:
    """What a judge said, by key, and what it took: `seconds` and `cost` as when it was made.

    `calls` is how many different queries there were, `cached` how many of them the store had.
    `environments` are where they were answered. `tokens` were read and written, `None` where nobody
    counted.
    """

    judgments: Mapping[str, Judgment]
    calls: int
    cached: int
    seconds: float
    cost: float | None
    environments: Sequence[Mapping[str, object]]
    tokens: int | None = None

    @property
    def failures(self) -> list[Judgment]:
        """The judgments that failed."""
        return [judgment for judgment in self.judgments.values() if judgment.error is not None]


def derived_examples(
    inquiry: Inquiry, texts: Iterable[tuple[str, str]], answered: Collection[Scope] = ()
) -> list[Example]:
    """Return what a reader is asked: each question once of each different text.

    `texts` are summaries with the texts of their articles. Beside them and their leads each article
    is asked about itself and about the empty text: what the reader can do, and what it says without
    having read anything. An event, which is as long as all its articles, is asked about itself only
    where events are `answered` by the reader in any case, as a model of the run. Of corrupted
    references it is asked what they may cover.
    """
    asked: dict[tuple[str, str], Example] = {}

    def add(text: str, questions: Iterable[Example]) -> None:
        for question in questions:
            asked.setdefault((text, question.query.question or ""), derived(question, text))

    for source in inquiry.sources.values():
        if source.article.scope == "article" or source.article.scope in answered:
            add(source.article.text, source.questions)
        add("", source.questions)
    for text, article in dict.fromkeys(texts):
        for needed, questions in inquiry.measures.asked(text, article):
            add(needed, questions)
    for worse in inquiry.people.corrupted:
        if known := inquiry.sources.get(worse.example.article.text):
            add(worse.text, known.answerable)
    return list(asked.values())


def judge(
    reader: Entry,
    examples: Sequence[Example],
    store: Store,
    environment: Mapping[str, object],
    progress: Progress,
    engine: Engine = LOCAL,
) -> Judged:
    """Return what a judge says of each example; what the store has is not asked again.

    Raises what `Engine.carry` does.
    """
    if not examples:
        return judged(())
    turn = Turn(reader.model, examples, store, environment, progress)
    (LOCAL if reader.model.served else engine).carry([job_of(reader, turn)])
    return judged(turn.predictions)


def judged(predictions: Iterable[Predicted]) -> Judged:
    """Return what a reader's predictions of derived queries say."""
    judgments: dict[str, Judgment] = {}
    environments: list[Mapping[str, object]] = []
    cached, seconds, costs, tokens = 0, 0.0, list[float](), list[int]()
    for predicted in predictions:
        prediction = predicted.stored.prediction
        judgments[predicted.key] = Judgment(predicted.key, prediction.text, prediction.error)
        cached += predicted.cached
        seconds += prediction.seconds
        if prediction.cost is not None:
            costs.append(prediction.cost)
        if prediction.prompt_tokens is not None:
            tokens.append(prediction.prompt_tokens + (prediction.output_tokens or 0))
        environment = predicted.stored.environment
        if environment and environment not in environments:
            environments.append(environment)
    return Judged(
        judgments,
        calls=len(judgments),
        cached=cached,
        seconds=seconds,
        cost=sum(costs) if costs else None,
        environments=environments,
        tokens=sum(tokens) if tokens else None,
    )


def means_on(inquiry: Inquiry, *, whole: bool) -> dict[Scope, dict[str, float]]:
    """Return coverage and made-up answers, by scope, where the reader has the whole article.

    Or where it has the empty text. A mean is over the articles of which there is one.
    """
    means: dict[Scope, dict[str, float]] = {}
    for scope in SCOPES:
        values: dict[str, list[float]] = {"coverage": [], "made_up": []}
        for source in inquiry.sources.values():
            if source.article.scope == scope:
                text = source.article.text if whole else ""
                for name, value in (
                    ("coverage", inquiry.measures.coverage(source, text)),
                    ("made_up", inquiry.measures.made_up(source, text)),
                ):
                    values[name] += [] if value is None else [value]
        if known := {name: fmean(found) for name, found in values.items() if found}:
            means[scope] = known
    return means
