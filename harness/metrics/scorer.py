"""Scores from Python: lists of texts in, values and means out. No suite, no model, no torch."""

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from harness.errors import MetricError, UsageError
from harness.metrics import ArticleMetrics, Metrics, metrics
from harness.metrics.blind_spot import LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.declaration import Declaration
from harness.records import TASKS, Task


@dataclass(frozen=True, slots=True)
class Scores:
    """What some predictions scored: by each metric's name its mean, values and signature.

    `values` are in the order in which the predictions were given, shares in [0, 1]. `cautions` say
    what share of the texts' letters some of the metrics do not see, if it is 2 % or more.
    """

    means: Mapping[str, float]
    values: Mapping[str, tuple[float, ...]]
    signatures: Mapping[str, str]
    cautions: tuple[str, ...] = ()


class Scorer:
    """Scores as predictions come, in batches; it keeps the numbers and none of the texts.

    >>> scorer = Scorer("answer")
    >>> scorer.update(["in Tokyo"], ["Tokyo"])
    >>> scorer.update([""], [[]])
    >>> scorer.compute().values["exact_match"]
    (0.0, 1.0)
    """

    def __init__(self, task: Task = "summarize", metrics: Metrics | None = None) -> None:
        """Make a scorer of the task's metrics, or of `metrics` (such as `Rouge(stemmer=False)`).

        Raises MetricError if the metrics fail a canary.
        """
        if task not in TASKS:
            raise UsageError(f"there is no task {task!r}, only {', '.join(TASKS)}")
        self._task = task
        self._metrics = metrics or _default_metrics(task)
        check_canaries(task, self._metrics)
        self.reset()

    def reset(self) -> None:
        """Forget all that was scored."""
        self._values = {name: array("d") for name in self._metrics.signatures}
        self._count = 0
        self._references = LetterTally(self._metrics.blind_spot)
        self._predictions = LetterTally(self._metrics.blind_spot)

    def update(self, predictions: Sequence[str], references: Sequence[str | Sequence[str]]) -> None:
        """Score a batch: to each prediction its reference, or a list of them.

        An unanswerable question has the empty list. Raises UsageError for lists of different
        lengths and what is no text, MetricError for a text that cannot be scored honestly; the
        batch then leaves no trace.
        """
        pairs = [
            self._checked(prediction, accepted, self._count + i)
            for i, (prediction, accepted) in enumerate(_pairs(predictions, references))
        ]
        scores = score_pairs(self._metrics, pairs, lambda i: f"item {self._count + i}")
        for name, values in self._values.items():
            values.extend(item_scores[name] for item_scores in scores)
        self._count += len(scores)
        self._predictions.add(prediction for prediction, _ in pairs)
        self._references.add(text for _, accepted in pairs for text in accepted)

    def compute(self) -> Scores:
        """Return the scores of all batches so far.

        Raises UsageError if there are none, and MetricError where the metrics do not see 20 % of
        the letters of the references.
        """
        if not self._count:
            raise UsageError("there is nothing to compute: no prediction was given")
        if refusal := self._references.refusal:
            family = type(self._metrics).__name__
            raise MetricError(f"{refusal}; here: metrics={family}(language=...)")
        spot, share = self._metrics.blind_spot, (self._references + self._predictions).share
        return Scores(
            means={name: math.fsum(values) / self._count for name, values in self._values.items()},
            values={name: tuple(values) for name, values in self._values.items()},
            signatures=dict(self._metrics.signatures),
            cautions=(spot.caution([share]),) if spot and share else (),
        )

    def _checked(
        self, prediction: object, accepted: str | Sequence[str], index: int
    ) -> tuple[str, Sequence[str]]:
        references = [accepted] if isinstance(accepted, str) else list(accepted)
        if not isinstance(prediction, str) or not all(isinstance(one, str) for one in references):
            raise UsageError(f"item {index}: predictions and references must be texts")
        if not references and self._task == "summarize":
            raise UsageError(f"item {index}: a summary needs a reference; there is none")
        return prediction, references


def score(
    predictions: Sequence[str],
    references: Sequence[str | Sequence[str]],
    task: Task = "summarize",
    metrics: Metrics | None = None,
) -> Scores:
    """Return the scores of predictions against references; see `Scorer`, which takes batches.

    >>> score(["police end the gunman"], ["police killed the gunman"]).means["rouge1"]
    0.75
    """
    scorer = Scorer(task, metrics)
    scorer.update(predictions, references)
    return scorer.compute()


def score_pairs(
    family: Metrics,
    pairs: Sequence[tuple[str, Sequence[str]]],
    name_of: Callable[[int], str],
    articles: Sequence[str] | None = None,
) -> list[dict[str, float]]:
    """Return the scores of predictions with their references, in one batch where that is faster.

    `name_of` tells a message what the i-th pair is. `articles` are theirs, where they are known,
    for metrics that ask for them. Raises MetricError with that name before it.
    """
    asks = articles is not None and hasattr(family, "score_with_article")
    score_many = getattr(family, "score_many_with_articles" if asks else "score_many", None)
    if score_many is not None:
        predictions, references = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        try:
            together = list(score_many(predictions, references, *([articles] if asks else [])))
            declarations = family.declarations
            for item_scores in together:
                check_ranges(declarations, item_scores)
            return together
        except MetricError:
            pass  # one of them; which one is found below
    scores = []
    for i, (prediction, accepted) in enumerate(pairs):
        try:
            scores.append(
                score_text(family, prediction, accepted, articles[i] if articles else None)
            )
        except MetricError as error:
            raise MetricError(f"{name_of(i)}: {error}") from None
    return scores


def score_text(
    family: Metrics, prediction: str, references: Sequence[str], article: str | None
) -> dict[str, float]:
    """Return the scores of a prediction whose article is known, which not all metrics ask for.

    Where it is not (`None`), those that need none. Raises MetricError for a text that cannot be
    scored honestly, and as `check_ranges` does.
    """
    if article is not None and hasattr(family, "score_with_article"):
        scores = cast("ArticleMetrics", family).score_with_article(prediction, references, article)
    else:
        scores = family.score(prediction, references)
    check_ranges(family.declarations, scores)
    return scores


def check_ranges(declarations: Mapping[str, Declaration], scores: Mapping[str, float]) -> None:
    """Raise MetricError for a score that is not finite, or outside the range of its metric."""
    for name, value in scores.items():
        if not declarations[name].holds(value):
            low, high = declarations[name].low, declarations[name].high
            raise MetricError(
                f"{name} is {value!r}, which is none of its scores: they go from {low:g} to "
                f"{high:g}; mend the metric, or what it declares"
            )


def _default_metrics(task: Task) -> Metrics:
    """Return a task's metrics with the options of their class, as other tools have them."""
    return metrics(task, {})


def _pairs(
    predictions: Sequence[str], references: Sequence[str | Sequence[str]]
) -> list[tuple[str, str | Sequence[str]]]:
    for name, texts in (("predictions", predictions), ("references", references)):
        if isinstance(texts, str):
            raise UsageError(f"{name} must be a list of texts, not one text")
    if len(predictions) != len(references):
        raise UsageError(
            f"there are {len(predictions)} predictions and {len(references)} references; each "
            "prediction needs its own"
        )
    return list(zip(predictions, references, strict=True))
