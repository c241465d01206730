"""How paired differences spread: between clusters, and within them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.clusters import clustered


@dataclass(frozen=True, slots=True)
class Spread:
    """The standard deviation of values, and which share of their variance is between clusters.

    `correlation` is the intra-cluster correlation, `per_cluster` the mean number of values in one.
    """

    sd: float
    correlation: float
    per_cluster: float
    clusters: int


def spread(values: ArrayLike, clusters: Sequence[Any] | NDArray[Any]) -> Spread:
    """Return how values spread, by the one-way analysis of variance.

    `values` is (examples,). The correlation is the ICC(1) of Shrout & Fleiss (1979), for clusters
    of unequal sizes with Donner's (1986) mean size; not below 0. With one value a cluster all
    spread is between clusters, and the correlation is given as 1. Raises ValueError as
    `clustered` does, and for fewer than two clusters.
    """
    flat = np.asarray(values, dtype=np.float64)
    data = clustered(flat, clusters)
    count, n = data.clusters, data.n
    if count < 2:
        raise ValueError("two clusters at least are needed to see how they differ")
    mean = float(data.means[0])
    means = data.sums[0] / data.sizes
    squares = float(((flat - mean) ** 2).sum())
    between = float((data.sizes * (means - mean) ** 2).sum())
    per_cluster = n / count
    if n == count:
        return Spread(float(np.sqrt(between / (count - 1))), 1.0, per_cluster, count)
    mean_between = between / (count - 1)
    mean_within = max(0.0, squares - between) / (n - count)
    size = (n - float((data.sizes**2).sum()) / n) / (count - 1)
    shared = max(0.0, (mean_between - mean_within) / size)
    total = shared + mean_within
    return Spread(float(np.sqrt(total)), shared / total if total > 0 else 0.0, per_cluster, count)
