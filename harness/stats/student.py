"""Intervals by formula: Student's t over clusters, and Wilson's for a proportion."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.clusters import ClusterSums
from harness.stats.distributions import normal_quantile, student_quantile

# A standard error this small is rounding: all clusters have the same mean.
NO_SPREAD = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval, and how it was made.

    `method` is t, wilson, wilson by cluster, bca, percentile, identical (no example differs), maxt
    (simultaneous), or "maxt, open at 0" where 0 itself is not in it; with ", under" and a name, if
    another mean's interval has drawn an end of it down.
    """

    low: float
    high: float
    method: str


def t_intervals(
    data: ClusterSums, confidence: float, bounds: tuple[ArrayLike, ArrayLike]
) -> list[Interval | None]:
    """Return each row's interval of the mean by Student's t over clusters, cut at `bounds`.

    The bounds are a number each, or one for each row, (rows,).
    `None` for one cluster, and where no two clusters differ. For the standard error and the
    degrees of freedom see `ClusterSums`.
    """
    if data.clusters < 2:
        return [None] * len(data.sums)
    quantile = student_quantile(data.freedom, (1 + confidence) / 2)
    errors = data.standard_errors()
    lows = np.clip(data.means - quantile * errors, *bounds).tolist()
    highs = np.clip(data.means + quantile * errors, *bounds).tolist()
    return [
        Interval(low, high, "t") if error > NO_SPREAD else None
        for low, high, error in zip(lows, highs, errors.tolist(), strict=True)
    ]


def wilson_interval(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a proportion by Wilson's score (Wilson 1927), without correction.

    Raises ValueError unless 0 <= successes <= n and n > 0.

    >>> [round(end, 2) for end in wilson_interval(20, 20)]
    [0.84, 1.0]
    """
    if not 0 <= successes <= n or n <= 0:
        raise ValueError(f"{successes} of {n} is no proportion")
    z = normal_quantile((1 + confidence) / 2)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == n else min(1.0, middle + half)
    return low, high
