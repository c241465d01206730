"""A mean with its intervals, and in plain words what to beware of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.bootstrap import DRAWS, SEED, bootstrap_intervals
from harness.stats.clusters import cluster_sums
from harness.stats.student import Interval, t_intervals, wilson_interval

FEW_CLUSTERS = 10

# Below so many the BCa interval holds the truth less often than it says.
FEW_FOR_BOOTSTRAP = 20

# A mean is near 0 or 1 if it is this near, and fewer than five clusters' worth of examples lie
# between: there an interval by t misses more often than it says.
NEAR_BOUND = 0.1
ENOUGH_CLUSTERS = 5

# The range of a share: of what is right or wrong, or partly so.
SHARE = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` examples in `clusters` clusters, its intervals, and a caution for each."""

    mean: float
    n: int
    clusters: int
    interval: Interval | None
    bootstrap: Interval | None
    caution: str | None
    bootstrap_caution: str | None


def estimates(
    scores: ArrayLike,
    clusters: Sequence[Any] | NDArray[Any],
    *,
    noun: str = "article",
    ranges: Sequence[tuple[float, float]] | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> list[Estimate]:
    """Return the mean of each row of scores, with intervals.

    `scores` is (rows, examples), `clusters` (examples,); `noun` names a cluster in a caution;
    `ranges` are where each row's scores lie, by default from 0 to 1.

    The interval is Student's t over clusters (see `ClusterSums`), cut at the ends of the range. Of
    shares, from 0 to 1, it is Wilson's where each example is its own cluster and all scores are 0
    or 1. Where all are 0, or all are 1, t would have no width: it is Wilson's with each cluster as
    one trial, which is right if a cluster's examples stand or fall together and careful otherwise.
    `None` for one cluster. Raises ValueError as `cluster_sums` does, and for scores outside their
    range.
    """
    values = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    data = cluster_sums(values, clusters)
    row_ranges = [SHARE] * len(values) if ranges is None else list(ranges)
    lows, highs = np.array(row_ranges).T
    if (values.min(axis=1) < lows).any() or (values.max(axis=1) > highs).any():
        raise ValueError("a score is outside its range")
    one_example_each = data.clusters == data.n
    n = round(data.n)
    by_t = t_intervals(data, confidence, (lows, highs))
    bootstrapped = bootstrap_intervals(data, confidence, draws, seed)
    row_estimates = []
    for row, row_range, mean, t_interval, bootstrap_interval in zip(
        values, row_ranges, data.means.tolist(), by_t, bootstrapped, strict=True
    ):
        interval = t_interval
        if data.clusters > 1 and row_range == SHARE:
            if one_example_each and np.isin(row, (0.0, 1.0)).all():
                interval = Interval(*wilson_interval(row.sum(), n, confidence), "wilson")
            elif (row == row[0]).all() and row[0] in (0.0, 1.0):
                bounds = wilson_interval(row[0] * data.clusters, data.clusters, confidence)
                interval = Interval(*bounds, "wilson by cluster")
        caution = _caution(mean, data.clusters, interval, noun, row_range)
        few = bootstrap_interval and data.clusters < FEW_FOR_BOOTSTRAP
        bootstrap_caution = (
            f"{data.clusters} {noun}s are few: the bootstrap's interval is too short"
            if few
            else None
        )
        row_estimates.append(
            Estimate(
                mean, n, data.clusters, interval, bootstrap_interval, caution, bootstrap_caution
            )
        )
    return row_estimates


def under(lesser: Interval | None, greater: Interval | None, name: str) -> Interval | None:
    """Return the interval of a mean that is never above another, so that it says nothing else.

    `greater` is the interval of the other, and `name` says which that is. Neither end stays above
    the other's: the upper one comes down, since what bounds the greater mean bounds the lesser;
    the lower one too, which claims less.
    """
    if lesser is None or greater is None:
        return lesser
    low, high = min(lesser.low, greater.low), min(lesser.high, greater.high)
    if (low, high) == (lesser.low, lesser.high):
        return lesser
    return Interval(low, high, f"{lesser.method}, under {name}")


def _caution(
    mean: float,
    clusters: int,
    interval: Interval | None,
    noun: str,
    row_range: tuple[float, float],
) -> str | None:
    if clusters == 1:
        return f"one {noun} has no interval: how much {noun}s differ cannot be told from it"
    if interval is None:
        return f"no two {noun}s differ, so an interval would have no width: there is none"
    cautions = []
    if clusters < FEW_CLUSTERS:
        cautions.append(
            f"{clusters} {noun}s are few: the interval leans on scores that spread evenly about "
            "their mean"
        )
    ends = ((0, interval.low <= 0), (1, interval.high >= 1)) if row_range == SHARE else ()
    for end, reached in ends:
        distance = abs(mean - end)
        if reached or (distance < NEAR_BOUND and distance * clusters < ENOUGH_CLUSTERS):
            cautions.append(f"near {end}: the interval is less sure, and may be too short")
    return "; ".join(cautions) or None
