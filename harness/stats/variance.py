"""How paired differences spread: between clusters, and within them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.clusters import cluster_sums


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """The standard deviation of values, and which share of their variance is between clusters.

    `correlation` is the intra-cluster correlation, `per_cluster` the mean number of values in one.
    """

    sd: float
    correlation: float
    per_cluster: float
    clusters: int

    def deviation(self, examples: ArrayLike) -> NDArray[np.float64]:
        """Return the standard deviation of the mean of a cluster of so many examples, elementwise.

        Its variance is sd ** 2 * (correlation + (1 - correlation) / m): the design effect
        1 + (m - 1) * correlation over m (Kish 1965, "Survey Sampling", section 5.4).
        """
        sizes = np.asarray(examples, dtype=np.float64)
        deviation: NDArray[np.float64] = self.sd * np.sqrt(
            self.correlation + (1 - self.correlation) / sizes
        )
        return deviation


def variance_components(
    values: ArrayLike, clusters: Sequence[Any] | NDArray[Any]
) -> VarianceComponents:
    """Return how values spread, by the one-way analysis of variance.

    `values` is (examples,). The correlation is the ICC(1) of Shrout & Fleiss (1979), for clusters
    of unequal sizes with Donner's (1986) mean size; not below 0. With one value a cluster all
    spread is between clusters, and the correlation is given as 1. Raises ValueError as
    `cluster_sums` does, and for fewer than two clusters.
    """
    array = np.asarray(values, dtype=np.float64)
    data = cluster_sums(array, clusters)
    count, n = data.clusters, data.n
    if count < 2:
        raise ValueError("two clusters at least are needed to see how they differ")
    mean = float(data.means[0])
    cluster_means = data.sums[0] / data.sizes
    total_squares = float(((array - mean) ** 2).sum())
    between_squares = float((data.sizes * (cluster_means - mean) ** 2).sum())
    per_cluster = n / count
    if n == count:
        return VarianceComponents(
            float(np.sqrt(between_squares / (count - 1))), 1.0, per_cluster, count
        )
    between_mean_square = between_squares / (count - 1)
    within_mean_square = max(0.0, total_squares - between_squares) / (n - count)
    mean_size = (n - float((data.sizes**2).sum()) / n) / (count - 1)
    between_variance = max(0.0, (between_mean_square - within_mean_square) / mean_size)
    total_variance = between_variance + within_mean_square
    return VarianceComponents(
        float(np.sqrt(total_variance)),
        between_variance / total_variance if total_variance > 0 else 0.0,
        per_cluster,
        count,
    )
