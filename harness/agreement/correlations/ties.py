"""Pairwise accuracy with calibrated ties: how often a measure and people order two texts alike.

Deutsch, Foster & Freitag (2023), "Ties Matter: Meta-Evaluating Modern Metrics with Pairwise
Accuracy and Tie Calibration": a pair is right if both prefer the same text, or both call it a tie.
Most measures never tie, so a difference up to a threshold counts as one, the threshold with which
the accuracy is highest: an upper bound on what the measure could do, the same for all measures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.agreement.correlations.draws import Draws, interval
from harness.agreement.correlations.layout import Layout, Rows, grouped
from harness.agreement.correlations.weighted import Floats
from harness.stats import Interval

# Where no two texts compete, all are one group; more than so many would be too many pairs.
_MOST_POOLED = 2_000


@dataclass(frozen=True, slots=True)
class PairAccuracy:
    """The share of pairs ordered alike: the mean over groups of the share in each.

    `threshold` is the greatest difference of the measure that counts as a tie, `uncalibrated` the
    accuracy where only equal values do. `pairs` are counted in `groups`. `interval` is over
    articles drawn again, the threshold as it is. `None` where there is no pair.
    """

    value: float | None
    uncalibrated: float | None
    threshold: float | None
    pairs: int
    groups: int
    interval: Interval | None = None


NO_PAIRS = PairAccuracy(None, None, None, 0, 0)


def pair_accuracy(layout: Layout, measure: Floats, scores: Floats, draws: Draws) -> PairAccuracy:
    """Return the accuracy over pairs of texts of a group, `measure` and `scores` (texts,).

    Where no group has two texts, all texts are one. Pairs of which people call all ties have no
    order to find: then there is no number.
    """
    rows = grouped(layout, 2)
    pooled = not len(rows)
    if pooled:
        if not 2 <= len(layout) <= _MOST_POOLED:
            return NO_PAIRS
        everything, place = np.arange(len(layout))[None], np.zeros(1, dtype=np.intp)
        rows = Rows(everything, np.ones((1, len(layout)), dtype=bool), place, place)
    first, second = np.triu_indices(rows.index.shape[1], k=1)
    row, pair = np.nonzero(rows.present[:, first] & rows.present[:, second])
    left, right = rows.index[row, first[pair]], rows.index[row, second[pair]]
    preferences = np.sign(scores[left] - scores[right])
    if not preferences.any():
        return NO_PAIRS
    differences = measure[left] - measure[right]
    sizes = np.abs(differences)
    right_by_order = (np.sign(differences) == preferences).astype(np.float64)
    right_as_tie = (preferences == 0).astype(np.float64)
    weights = (1 / np.bincount(row))[row] / len(rows)
    threshold, value, uncalibrated = _calibrated(sizes, right_by_order, right_as_tie, weights)
    correct = np.where(sizes <= threshold, right_as_tie, right_by_order)
    drawn = (
        _pooled_draws(layout, left, right, correct, draws)
        if pooled
        else _grouped_draws(rows, row, correct, draws)
    )
    return PairAccuracy(value, uncalibrated, threshold, len(row), len(rows), interval(drawn))


def _calibrated(
    sizes: Floats, by_order: Floats, as_tie: Floats, weights: Floats
) -> tuple[float, float, float]:
    """Return the best threshold, the accuracy with it, and that with a threshold of 0.

    Each distinct size is tried, the smallest of the best is taken.
    """
    order = np.argsort(sizes, kind="stable")
    ordered = sizes[order]
    gains = np.cumsum(((as_tie - by_order) * weights)[order])
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    accuracies = float(by_order @ weights) + gains[last]
    thresholds = ordered[last]
    if thresholds[0] > 0:
        thresholds = np.concatenate(([0.0], thresholds))
        accuracies = np.concatenate(([float(by_order @ weights)], accuracies))
    # Sums of like size that rounding has parted are equal.
    best = int(np.argmax(accuracies >= accuracies.max() - 1e-12))
    return float(thresholds[best]), float(accuracies[best]), float(accuracies[0])


def _grouped_draws(rows: Rows, row: NDArray[np.intp], correct: Floats, draws: Draws) -> Floats:
    by_group = np.bincount(row, weights=correct) / np.bincount(row)
    weights = draws.articles[rows.article]
    total = weights.sum(axis=0)
    means: Floats = (by_group @ weights) / np.where(total > 0, total, np.nan)
    return means


def _pooled_draws(
    layout: Layout,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    correct: Floats,
    draws: Draws,
) -> Floats:
    """Return the accuracy of each draw over pairs of different texts, each as often as drawn."""
    weights = draws.articles[layout.article]
    matrix = np.zeros((len(layout), len(layout)))
    matrix[left, right] = matrix[right, left] = correct
    total = np.square(weights.sum(axis=0)) - np.square(weights).sum(axis=0)
    sums = np.einsum("td,td->d", weights, matrix @ weights)
    result: Floats = sums / np.where(total > 0, total, np.nan)
    return result
