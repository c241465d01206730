"""Two systems on the same examples: the difference, its interval, and a paired test."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.clusters import ClusterSums, cluster_sums
from harness.stats.holm import holm
from harness.stats.signflip import SEED, sign_flip_test
from harness.stats.student import Interval, t_intervals

# Two scores of one example this near are equal but for rounding.
SCORE_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Comparison:
    """Row `a` against row `b`: mean of a minus mean of b, and on how many examples a wins.

    `p` is two-sided, by the sign-flip test over clusters; `p_holm` is p adjusted over all pairs
    that were compared together. `standard_error` of the difference is NaN for one cluster.
    """

    a: int
    b: int
    difference: float
    standard_error: float
    interval: Interval | None
    p: float
    p_holm: float
    wins: int
    ties: int
    losses: int


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
    confidence: float = 0.95,
    seed: int = SEED,
) -> list[Comparison]:
    """Compare every two rows of `scores`, (rows, examples), in the order of `combinations`.

    The interval is Student's t over clusters of the differences by example; [0, 0], "identical",
    where no example differs; `None` for one cluster and where no two clusters differ. For the
    test see `sign_flip_test`; for identical rows p is 1.
    """
    values = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    data = cluster_sums(values, clusters)
    pairs = list(combinations(range(len(values)), 2))
    if not pairs:
        return []
    left, right = np.array(pairs, dtype=np.intp).T
    p = sign_flip_test(data.sums, left, right, seed).tolist()
    differences = ClusterSums(data.sums[left] - data.sums[right], data.sizes)
    intervals = t_intervals(differences, confidence, (-1.0, 1.0))
    mean_differences, errors = differences.means.tolist(), differences.standard_errors().tolist()
    adjusted = holm(p)
    comparisons = []
    for index, (a, b) in enumerate(pairs):
        example_differences = values[a] - values[b]
        wins, losses = (
            int((example_differences > SCORE_TOLERANCE).sum()),
            int((example_differences < -SCORE_TOLERANCE).sum()),
        )
        identical = not wins and not losses
        comparisons.append(
            Comparison(
                a=a,
                b=b,
                difference=0.0 if identical else mean_differences[index],
                standard_error=errors[index],
                interval=Interval(0.0, 0.0, "identical") if identical else intervals[index],
                p=1.0 if identical else p[index],
                p_holm=1.0 if identical else adjusted[index],
                wins=wins,
                ties=len(example_differences) - wins - losses,
                losses=losses,
            )
        )
    return comparisons
