"""Systems on the same examples, two by two: the difference, its interval, and a paired test."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.clusters import MOST_DRAWN, Clusters, ClusterSums
from harness.stats.signflip import SEED, SignFlips, sign_flip_test
from harness.stats.simultaneous import simultaneous_intervals
from harness.stats.student import Interval, t_intervals

# Two scores of one example this near are equal but for rounding.
SCORE_TOLERANCE = 1e-12

NO_DIFFERENCE = Interval(0.0, 0.0, "identical")

Adjustment: TypeAlias = Literal["maxt exact", "maxt drawn", "none"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Row `a` against row `b`: mean of a minus mean of b, over the `n` examples that both have.

    `gain` is by how much a is better: the difference, or minus it where lower scores are better;
    `wins` counts the examples on which a is. `p` is two-sided, by the sign-flip test over clusters;
    `p_adjusted` is p adjusted for all pairs of the family, by step-down maxT over all patterns of
    signs (`adjustment` is "maxt exact") or over random ones ("maxt drawn"). It is `None`, and
    `adjustment` "none", for two floors, which are not in the family. `interval` is of this pair
    alone; `simultaneous` holds for all pairs of the family at once, and holds 0 if and only if
    `p_adjusted` is at least 5 %. `standard_error` of the difference and its `freedom` are NaN for
    one cluster.
    """

    a: int
    b: int
    n: int
    clusters: int
    difference: float
    gain: float
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
    so that they cost the others no power. `greatest_difference` is the most that two scores can be
    apart, `sign` -1 where lower scores are better.
    """

    scores: ArrayLike
    clusters: Sequence[Any] | NDArray[Any]
    floors: frozenset[int] = frozenset()
    greatest_difference: float = 1.0
    sign: int = 1


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
    sets: Iterable[ScoredRows], *, confidence: float = 0.95, seed: int = SEED
) -> list[list[Comparison]]:
    """Compare every two rows of each set, in the order of `combinations`; all sets are one family.

    The interval is Student's t over clusters of the differences by example; [0, 0], "identical",
    where no example differs; `None` for one cluster and where no two clusters differ. For the
    simultaneous one see `simultaneous_intervals`, for the test `sign_flip_test`: a cluster has one
    sign in all sets; for identical rows p is 1. If all rows are floors, the family is all pairs.
    Two rows that were not scored on the same examples stand in a set of their own, with those that
    both have. Sets are gone through once, and only sums are kept of each. More than 10,000 clusters
    of all sets are flipped in groups, and the simultaneous intervals are over these. Raises
    ValueError as `cluster_sums` does.
    """
    summed = [_summed(rows) for rows in sets]
    if not any(rows.pairs for rows in summed):
        return [[] for _ in summed]
    summed = _in_groups(summed)
    flips, critical = _flip_together(summed, 1 - confidence, seed)
    comparisons: list[list[Comparison]] = []
    start = 0
    for rows in summed:
        own = slice(start, start + len(rows.pairs))
        start += len(rows.pairs)
        set_flips = dataclasses.replace(flips, p=flips.p[own], adjusted_p=flips.adjusted_p[own])
        comparisons.append(_comparisons(rows, set_flips, critical, confidence))
    return comparisons


@dataclass(frozen=True, slots=True)
class _SummedRows:
    """What is kept of scored rows: sums by cluster, and of each pair how often each side wins.

    `flipped` are the sums of what is flipped together, (rows, groups), and `places` names these.
    """

    sums: ClusterSums
    flipped: ClusterSums
    places: NDArray[Any]
    pairs: list[tuple[int, int]]
    wins: list[tuple[int, int]]
    floors: frozenset[int]
    greatest_difference: float
    sign: int


def _summed(rows: ScoredRows) -> _SummedRows:
    values = np.atleast_2d(np.asarray(rows.scores, dtype=np.float64))
    pairs = list(combinations(range(len(values)), 2))
    wins = []
    for a, b in pairs:
        gains = rows.sign * (values[a] - values[b])
        wins.append((int((gains > SCORE_TOLERANCE).sum()), int((gains < -SCORE_TOLERANCE).sum())))
    clusters = Clusters(rows.clusters)
    sums = clusters.sums(values)
    return _SummedRows(
        sums,
        sums,
        clusters.names,
        pairs,
        wins,
        rows.floors,
        rows.greatest_difference,
        rows.sign,
    )


def _in_groups(sets: Sequence[_SummedRows]) -> list[_SummedRows]:
    """Return the sets with the clusters of all of them in groups, where there are too many.

    Flipping whole groups is a part of all ways to flip clusters, and a test by it as sound.
    """
    places = sets[0].places
    if len(sets) > 1:
        places = np.unique(np.concatenate([one.places for one in sets]))
    if len(places) <= MOST_DRAWN:
        return list(sets)
    grouped = []
    for one in sets:
        groups = np.searchsorted(places, one.places)
        groups %= MOST_DRAWN
        flipped = one.sums.merged(MOST_DRAWN, groups)
        taken = np.flatnonzero(np.bincount(groups))
        grouped.append(dataclasses.replace(one, flipped=flipped, places=taken))
    return grouped


def _flip_together(sets: Sequence[_SummedRows], level: float, seed: int) -> tuple[SignFlips, float]:
    """Return the test of all sets' pairs, their rows laid over the clusters of all sets.

    And the critical value of their simultaneous intervals: that of the test, so that they say the
    same, or that of what is left without the means if that is greater. Where systems are far
    apart, all pairs flip alike, and the test's own would let the true differences of some out.
    """
    places = np.unique(np.concatenate([one.places for one in sets]))
    rows, residuals = np.zeros((2, sum(len(one.sums.sums) for one in sets), len(places)))
    indices: list[tuple[int, int]] = []
    both_floors: list[bool] = []
    start = 0
    for one in sets:
        own = np.searchsorted(places, one.places)
        rows[start : start + len(one.sums.sums), own] = one.flipped.sums
        residuals[start : start + len(one.sums.sums), own] = one.flipped.residuals
        indices += [(start + a, start + b) for a, b in one.pairs]
        both_floors += [a in one.floors and b in one.floors for a, b in one.pairs]
        start += len(one.sums.sums)
    left, right = np.array(indices, dtype=np.intp).T
    family = None if all(both_floors) else ~np.array(both_floors)
    flips = sign_flip_test(rows, left, right, family, seed)
    critical = flips.critical_value(level)
    if math.isfinite(critical):
        centered = sign_flip_test(residuals, left, right, family, seed)
        critical = max(critical, centered.critical_value(level))
    return flips, critical


def _comparisons(
    rows: _SummedRows, flips: SignFlips, critical: float, confidence: float
) -> list[Comparison]:
    if not rows.pairs:
        return []
    left, right = np.array(rows.pairs, dtype=np.intp).T
    bounds = (-rows.greatest_difference, rows.greatest_difference)
    flipped = ClusterSums(rows.flipped.sums[left] - rows.flipped.sums[right], rows.flipped.sizes)
    simultaneous = simultaneous_intervals(
        flipped, flips.adjusted_p, critical, 1 - confidence, bounds
    )
    p, adjusted_p = flips.p.tolist(), flips.adjusted_p.tolist()
    adjustment: Adjustment = "maxt exact" if flips.exact else "maxt drawn"
    data, freedom = rows.sums, rows.sums.freedom
    n = round(data.n)
    comparisons = []
    for index, (a, b) in enumerate(rows.pairs):
        # One pair at a time: there may be as many differences as scores.
        differences = ClusterSums((data.sums[a] - data.sums[b])[None], data.sizes)
        (interval,) = t_intervals(differences, confidence, bounds)
        wins, losses = rows.wins[index]
        identical = not wins and not losses
        difference = 0.0 if identical else float(differences.means[0])
        in_family = not np.isnan(adjusted_p[index])
        comparisons.append(
            Comparison(
                a=a,
                b=b,
                n=n,
                clusters=data.clusters,
                difference=difference,
                gain=rows.sign * difference,
                standard_error=float(differences.standard_errors()[0]),
                freedom=freedom,
                interval=NO_DIFFERENCE if identical else interval,
                simultaneous=NO_DIFFERENCE if identical and in_family else simultaneous[index],
                p=1.0 if identical else p[index],
                p_adjusted=(1.0 if identical else adjusted_p[index]) if in_family else None,
                adjustment=adjustment if in_family else "none",
                wins=wins,
                ties=n - wins - losses,
                losses=losses,
            )
        )
    return comparisons
