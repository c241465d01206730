"""A mean with its intervals, and in plain words what to beware of."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.bootstrap import DRAWS, SEED, bootstrap_intervals
from harness.stats.clusters import MOST_DRAWN, Clusters, ClusterSums, Floats
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
    row_ranges = [SHARE] * len(values) if ranges is None else ranges
    return row_estimates(
        values, clusters, row_ranges, noun=noun, confidence=confidence, draws=draws, seed=seed
    )


def row_estimates(
    rows: Iterable[Floats],
    clusters: Sequence[Any] | NDArray[Any],
    ranges: Sequence[tuple[float, float]],
    *,
    noun: str = "article",
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> list[Estimate]:
    """Return what `estimates` does of rows that come one after the other, each (examples,).

    No more than one of them is held, and 10,000 numbers of each.
    """
    order = Clusters(clusters)
    read = [
        _read_row(row, order, row_range, noun, confidence)
        for row, row_range in zip(rows, ranges, strict=True)
    ]
    if not read:
        raise ValueError("there are no scores")
    drawn = ClusterSums(np.vstack([row.drawn for row in read]), read[0].drawn_sizes)
    errors = np.array([row.standard_error for row in read])
    without = [row.estimate for row in read]
    count = order.count
    del read, order  # each row's sums stand in `drawn` once more
    bootstrapped = bootstrap_intervals(drawn, confidence, draws, seed, errors)
    return [
        dataclasses.replace(estimate, bootstrap=bootstrap, bootstrap_caution=caution)
        for estimate, bootstrap in zip(without, bootstrapped, strict=True)
        for caution in [_few_for_bootstrap(count, noun) if bootstrap else None]
    ]


@dataclass(frozen=True, slots=True)
class _ReadRow:
    """What is kept of a row: its estimate without the bootstrap, and its sums that are drawn."""

    estimate: Estimate
    standard_error: float
    drawn: Floats
    drawn_sizes: Floats


def _read_row(
    row: Floats, order: Clusters, row_range: tuple[float, float], noun: str, confidence: float
) -> _ReadRow:
    data = order.sums(row)
    low, high = row_range
    if row.min() < low or row.max() > high:
        raise ValueError("a score is outside its range")
    n = round(data.n)
    (mean,) = data.means.tolist()
    (interval,) = t_intervals(data, confidence, row_range)
    if data.clusters > 1 and row_range == SHARE:
        if data.clusters == data.n and np.isin(row, (0.0, 1.0)).all():
            interval = Interval(*wilson_interval(row.sum(), n, confidence), "wilson")
        elif (row == row[0]).all() and row[0] in (0.0, 1.0):
            bounds = wilson_interval(row[0] * data.clusters, data.clusters, confidence)
            interval = Interval(*bounds, "wilson by cluster")
    caution = _caution(mean, data.clusters, interval, noun, row_range)
    drawn = data.merged(MOST_DRAWN)
    (error,) = data.standard_errors().tolist()
    estimate = Estimate(mean, n, data.clusters, interval, None, caution, None)
    return _ReadRow(estimate, error, drawn.sums[0], drawn.sizes)


def _few_for_bootstrap(clusters: int, noun: str) -> str | None:
    if clusters >= FEW_FOR_BOOTSTRAP:
        return None
    return f"{clusters} {noun}s are few: the bootstrap's interval is too short"


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
