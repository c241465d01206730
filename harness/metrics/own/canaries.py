"""Texts of which it is known what a metric of one's own may not say."""

from collections.abc import Sequence
from statistics import fmean

from harness.errors import MetricError
from harness.metrics.declaration import ROUNDING
from harness.metrics.own.family import SideMetric
from harness.records import Task


def check_own_canaries(
    task: Task, metric: SideMetric, golds: Sequence[str], not_latin: Sequence[str]
) -> None:
    """Score texts that must have a score; raise MetricError, naming the canary that has failed.

    A prediction may be empty, in any script, and of a question that nothing answers. The same text
    has the same score each time. Where a direction is declared, golds against themselves are on
    average no worse than golds against others; all are on one article.
    """
    article = " ".join(golds)
    shuffled = [*golds[1:], golds[0]]
    own = _scores(metric, "gold against gold", golds, golds, article)
    if _scores(metric, "the same again", golds, golds, article) != own:
        raise _failed(metric, "the same again", "it says otherwise of the same text, and must not")
    _scores(metric, "empty prediction", ["" for _ in golds], golds, article)
    other = _scores(metric, "shuffled pairs", golds, shuffled, article)
    sign = {"higher": 1, "lower": -1, "neither": 0}[metric.declaration.direction]
    if own and other and sign * (fmean(own) - fmean(other)) < -ROUNDING:
        told = f"golds against themselves have {fmean(own):g}, and {fmean(other):g} against others"
        raise _failed(metric, "shuffled pairs", f"{told}: is its direction right?")
    _scores(metric, "not Latin", not_latin, not_latin, article)
    if task == "answer":
        _scores(metric, "silence", ["", golds[0]], [None, None], article)


def _scores(
    metric: SideMetric,
    canary: str,
    texts: Sequence[str],
    references: Sequence[str | None],
    article: str,
) -> list[float]:
    accepted = [[] if reference is None else [reference] for reference in references]
    try:
        scores = metric.scores(texts, accepted, [article] * len(texts))
    except MetricError as error:
        raise _failed(metric, canary, str(error)) from None
    known = [score for score in scores if score is not None]
    for score in known:
        if not metric.declaration.holds(score):
            low, high = metric.declaration.low, metric.declaration.high
            raise _failed(metric, canary, f"it is {score!r}, and must be from {low:g} to {high:g}")
    return known


def _failed(metric: SideMetric, canary: str, problem: str) -> MetricError:
    return MetricError(
        f"{metric.name}: the canary {canary!r} has failed: {problem}; nothing was scored: mend "
        f"{metric.label}"
    )
