"""Systems on the same examples, two by two: the difference, its interval, and a paired test."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.clusters import ClusterSums, Floats, cluster_sums
from harness.stats.signflip import SEED, SignFlips, sign_flip_test
from harness.stats.simultaneous import simultaneous_intervals
from harness.stats.student import Interval, t_intervals

# Two scores of one example this near are equal but for rounding.
SCORE_TOLERANCE = 1e-12

# No two means in [0, 1] are more than 1 apart.
BOUNDS = (-1.0, 1.0)
NO_DIFFERENCE = Interval(0.0, 0.0, "identical")

Adjustment: TypeAlias = Literal["maxt exact", "maxt drawn", "none"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Row `a` against row `b`: mean of a minus mean of b, and on how many examples a wins.

    `p` is two-sided, by the sign-flip test over clusters; `p_adjusted` is p adjusted for all pairs
    of the family, by step-down maxT over all patterns of signs (`adjustment` is "maxt exact") or
    over random ones ("maxt drawn"). It is `None`, and `adjustment` "none", for two floors, which
    are not in the family. `interval` is of this pair alone; `simultaneous` holds for all pairs of
    the family at once, and holds 0 if and only if `p_adjusted` is at least 5 %.
    `standard_error` of the difference and its `freedom` are NaN for one cluster.
    """

    a: int
    b: int
    difference: float
    standard_error: float
    freedom: float
    interval: Interval | None
    simultaneous: Interval | None
    p: float
    p_adjusted: float | None
    adjustment: Adjustment
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Rows that were scored on the same examples: (rows, examples), and each example's cluster.

    `floors` are the places of rows that are trivial systems: no claim about two of them is made,
    so that they cost the others no power.
    """

    scores: ArrayLike
    clusters: Sequence[Any] | NDArray[Any]
    floors: frozenset[int] = frozenset()


def compare(
    a: ArrayLike, b: ArrayLike, clusters: Sequence[Any] | NDArray[Any], *, seed: int = SEED
) -> Comparison:
    """Compare two systems' scores of the same examples, in the same order.

    Raises ValueError if there are not equally many, or as `cluster_sums` does.
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.shape != right.shape or left.ndim != 1:
        raise ValueError(
            f"scores of shapes {left.shape} and {right.shape} are not of the same examples"
        )
    return compare_all(np.vstack([left, right]), clusters, seed=seed)[0]


def compare_all(
    scores: ArrayLike,
    clusters: Sequence[Any] | NDArray[Any],
    *,
    floors: frozenset[int] = frozenset(),
    confidence: float = 0.95,
    seed: int = SEED,
) -> list[Comparison]:
    """Compare every two rows of `scores`, (rows, examples), in the order of `combinations`.

    See `compare_sets`.
    """
    rows = ScoredRows(scores, clusters, floors)
    return compare_sets([rows], confidence=confidence, seed=seed)[0]


def compare_sets(
    sets: Sequence[ScoredRows], *, confidence: float = 0.95, seed: int = SEED
) -> list[list[Comparison]]:
    """Compare every two rows of each set, in the order of `combinations`; all sets are one family.

    The interval is Student's t over clusters of the differences by example; [0, 0], "identical",
    where no example differs; `None` for one cluster and where no two clusters differ. For the
    simultaneous one see `simultaneous_intervals`, for the test `sign_flip_test`: a cluster has one
    sign in all sets; for identical rows p is 1. If all rows are floors, the family is all pairs.
    Raises ValueError as `cluster_sums` does.
    """
    values = [np.atleast_2d(np.asarray(one.scores, dtype=np.float64)) for one in sets]
    data = [cluster_sums(rows, one.clusters) for rows, one in zip(values, sets, strict=True)]
    pairs = [list(combinations(range(len(rows)), 2)) for rows in values]
    if not any(pairs):
        return [[] for _ in sets]
    flips, critical = _flip_together(sets, data, pairs, 1 - confidence, seed)
    comparisons: list[list[Comparison]] = []
    start = 0
    for rows, sums, set_pairs in zip(values, data, pairs, strict=True):
        own = slice(start, start + len(set_pairs))
        start += len(set_pairs)
        set_flips = dataclasses.replace(flips, p=flips.p[own], adjusted_p=flips.adjusted_p[own])
        comparisons.append(_comparisons(rows, sums, set_pairs, set_flips, critical, confidence))
    return comparisons


def _flip_together(
    sets: Sequence[ScoredRows],
    data: Sequence[ClusterSums],
    pairs: Sequence[Sequence[tuple[int, int]]],
    level: float,
    seed: int,
) -> tuple[SignFlips, float]:
    """Return the test of all sets' pairs, their rows laid over the clusters of all sets.

    And the critical value of their simultaneous intervals: that of the test, so that they say the
    same, or that of what is left without the means if that is greater. Where systems are far
    apart, all pairs flip alike, and the test's own would let the true differences of some out.
    """
    places = np.unique(np.concatenate([np.unique(np.asarray(one.clusters)) for one in sets]))
    rows, residuals = np.zeros((2, sum(len(one.sums) for one in data), len(places)))
    indices: list[tuple[int, int]] = []
    both_floors: list[bool] = []
    start = 0
    for one, sums, set_pairs in zip(sets, data, pairs, strict=True):
        own = np.searchsorted(places, np.unique(np.asarray(one.clusters)))
        rows[start : start + len(sums.sums), own] = sums.sums
        residuals[start : start + len(sums.sums), own] = sums.residuals
        indices += [(start + a, start + b) for a, b in set_pairs]
        both_floors += [a in one.floors and b in one.floors for a, b in set_pairs]
        start += len(sums.sums)
    left, right = np.array(indices, dtype=np.intp).T
    family = None if all(both_floors) else ~np.array(both_floors)
    flips = sign_flip_test(rows, left, right, family, seed)
    critical = flips.critical_value(level)
    if math.isfinite(critical):
        centered = sign_flip_test(residuals, left, right, family, seed)
        critical = max(critical, centered.critical_value(level))
    return flips, critical


def _comparisons(
    values: Floats,
    data: ClusterSums,
    pairs: Sequence[tuple[int, int]],
    flips: SignFlips,
    critical: float,
    confidence: float,
) -> list[Comparison]:
    if not pairs:
        return []
    left, right = np.array(pairs, dtype=np.intp).T
    differences = ClusterSums(data.sums[left] - data.sums[right], data.sizes)
    intervals = t_intervals(differences, confidence, BOUNDS)
    simultaneous = simultaneous_intervals(
        differences, flips.adjusted_p, critical, 1 - confidence, BOUNDS
    )
    mean_differences, errors = differences.means.tolist(), differences.standard_errors().tolist()
    p, adjusted_p = flips.p.tolist(), flips.adjusted_p.tolist()
    adjustment: Adjustment = "maxt exact" if flips.exact else "maxt drawn"
    comparisons = []
    for index, (a, b) in enumerate(pairs):
        example_differences = values[a] - values[b]
        wins, losses = (
            int((example_differences > SCORE_TOLERANCE).sum()),
            int((example_differences < -SCORE_TOLERANCE).sum()),
        )
        identical = not wins and not losses
        in_family = not np.isnan(adjusted_p[index])
        comparisons.append(
            Comparison(
                a=a,
                b=b,
                difference=0.0 if identical else mean_differences[index],
                standard_error=errors[index],
                freedom=data.freedom,
                interval=NO_DIFFERENCE if identical else intervals[index],
                simultaneous=NO_DIFFERENCE if identical and in_family else simultaneous[index],
                p=1.0 if identical else p[index],
                p_adjusted=(1.0 if identical else adjusted_p[index]) if in_family else None,
                adjustment=adjustment if in_family else "none",
                wins=wins,
                ties=len(example_differences) - wins - losses,
                losses=losses,
            )
        )
    return comparisons
