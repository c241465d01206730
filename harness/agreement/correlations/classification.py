"""A measure that tells right from wrong: accuracy at a threshold, and the area under the curve."""

from dataclasses import dataclass

import numpy as np

from harness.agreement.correlations.draws import Draws, interval
from harness.agreement.correlations.layout import Layout
from harness.agreement.correlations.weighted import Floats, pooled_ranks
from harness.stats import Interval


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often a measure at a threshold says what people say.

    `always` is what saying the more frequent of right and wrong of every answer would get;
    `balanced` the mean of the shares of right and of wrong answers that are found. `false_right`
    counts answers that the measure alone calls right, `false_wrong` those it alone calls wrong.
    """

    threshold: float
    value: float
    interval: Interval | None
    always: float
    balanced: float
    false_right: int
    false_wrong: int


def accuracy(
    measure: Floats, scores: Floats, threshold: float, layout: Layout, draws: Draws
) -> Accuracy:
    """Return the accuracy of calling right what is at or above the threshold.

    `scores` are 0 or 1, both there; all are (texts,).
    """
    people, said = scores == 1, measure >= threshold
    correct = (people == said).astype(np.float64)
    size = draws.articles.shape[0]
    sums = np.bincount(layout.article, correct, minlength=size)
    counts = np.bincount(layout.article, minlength=size)
    drawn = (sums @ draws.articles) / (counts @ draws.articles)
    share = float(people.mean())
    return Accuracy(
        threshold,
        float(correct.mean()),
        interval(drawn),
        max(share, 1 - share),
        float((correct[people].mean() + correct[~people].mean()) / 2),
        int((said & ~people).sum()),
        int((~said & people).sum()),
    )


def areas(measure: Floats, scores: Floats, weights: Floats) -> Floats:
    """Return the area under the ROC curve in each draw, (draws,); NaN without right or wrong.

    How often a right answer is above a wrong one, ties counting half (Hanley & McNeil 1982), by
    Mann and Whitney's ranks. `measure` and `scores`, of 0 and 1, are (texts,), `weights` (texts,
    draws).
    """
    right = weights * (scores == 1)[:, None]
    positives = right.sum(axis=0)
    negatives = weights.sum(axis=0) - positives
    # The mean rank of the right answers above the middle one, by how far it could be.
    ranks = pooled_ranks(measure, weights)
    total = np.einsum("td,td->d", right, ranks)
    both = positives * negatives
    result: Floats = 0.5 + total / np.where(both > 0, both, np.nan)
    return result
