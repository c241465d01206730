"""Intervals of several differences at once, which say the same as their adjusted p-values."""

import math

import numpy as np

from harness.stats.clusters import ClusterSums, Floats
from harness.stats.student import NO_SPREAD, Interval


def simultaneous_intervals(
    differences: ClusterSums,
    adjusted_p: Floats,
    critical: float,
    level: float,
    bounds: tuple[float, float],
) -> list[Interval | None]:
    """Return intervals that hold all true differences at once, but for a share of `level`.

    `differences` are sums by cluster, a row for each pair, and `adjusted_p` its p or NaN.

    An interval is of the values t for which the pair, less t in each example, is not told from 0:
    |S - t * n| <= critical * sqrt(sum((d_g - t * m_g) ** 2)), which is a square equation in t. 0 is
    in it if and only if the adjusted p is at least `level`: a pair that is told only by the
    step-down, or whose critical value was raised, has an interval that ends at 0 and does not hold
    it ("maxt, open at 0"). Cut at `bounds`. `None` for a pair without an adjusted p, where no two
    clusters differ, and where no value is so far off that it could be told: at five clusters and
    fewer always.
    """
    n, errors = differences.n, differences.standard_errors()
    intervals: list[Interval | None] = []
    for row, p, error in zip(differences.sums, adjusted_p.tolist(), errors.tolist(), strict=True):
        bounded = math.isfinite(critical) and n**2 > critical**2 * (differences.sizes**2).sum()
        if math.isnan(p) or not bounded or not error > NO_SPREAD:
            intervals.append(None)
            continue
        low, high = np.clip(_roots(row, differences.sizes, critical), *bounds).tolist()
        method = "maxt"
        if p >= level:
            low, high = min(low, 0.0), max(high, 0.0)  # but for rounding it is so
        elif low <= 0 <= high:
            method = "maxt, open at 0"
            low, high = (0.0, high) if row.sum() > 0 else (low, 0.0)
        intervals.append(Interval(low, high, method))
    return intervals


def _roots(sums: Floats, sizes: Floats, critical: float) -> tuple[float, float]:
    """Return the two t where (S - t * n) ** 2 is critical ** 2 * sum((d_g - t * m_g) ** 2)."""
    total, n, square = float(sums.sum()), float(sizes.sum()), critical**2
    a = n**2 - square * float(sizes @ sizes)
    b = total * n - square * float(sums @ sizes)
    c = total**2 - square * float(sums @ sums)
    half = math.sqrt(max(0.0, b**2 - a * c))
    return (b - half) / a, (b + half) / a
