"""Scores summed by cluster: all that the intervals and tests need of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums of scores by cluster: `sums` is (rows, clusters), `sizes` (clusters,) examples."""

    sums: Floats
    sizes: Floats

    @property
    def n(self) -> float:
        """How many examples there are."""
        return float(self.sizes.sum())

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @property
    def means(self) -> Floats:
        """Each row's mean over examples, (rows,)."""
        means: Floats = self.sums.sum(axis=1) / self.n
        return means

    def standard_errors(self) -> Floats:
        """Return each row's standard error of the mean over examples, (rows,); NaN for one cluster.

        The mean is a ratio of sums over clusters, so its variance is linearised: with
        e_g = sum_g - mean * size_g, it is G / (G - 1) * sum(e_g ** 2) / n ** 2. This is the
        clustered variance of Cameron & Miller (2015), "A Practitioner's Guide to
        Cluster-Robust Inference", eq. 11, of a regression on a constant, with their correction
        for few clusters; Miller (2024), "Adding Error Bars to Evals", section 2.2, without it.
        With one example a cluster it is the usual s / sqrt(n).
        """
        if self.clusters < 2:
            return np.full(len(self.sums), np.nan)
        residuals = self.sums - self.means[:, None] * self.sizes
        correction = self.clusters / (self.clusters - 1)
        standard_errors: Floats = (
            np.sqrt(correction * np.einsum("ij,ij->i", residuals, residuals)) / self.n
        )
        return standard_errors


def cluster_sums(scores: ArrayLike, clusters: Sequence[Any] | NDArray[Any]) -> ClusterSums:
    """Return scores summed by cluster.

    `scores` is (rows, examples) or (examples,); `clusters` names the cluster of each example.
    The order of the examples does not matter. Raises ValueError if the shapes do not fit, there
    is no example, or a score is not finite.

    >>> cluster_sums([[1, 0, 1]], ["a", "b", "a"]).sums.tolist()
    [[2.0, 0.0]]
    """
    values = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    names = np.asarray(clusters)
    if values.ndim != 2 or names.ndim != 1 or values.shape[1] != len(names):
        raise ValueError(f"scores {values.shape} need one cluster each, not {names.shape}")
    if not values.size:
        raise ValueError("there are no scores")
    if not np.isfinite(values).all():
        raise ValueError("a score is not a finite number")
    _, codes, sizes = np.unique(names, return_inverse=True, return_counts=True)
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    sums = np.add.reduceat(values[:, order], starts, axis=1)
    return ClusterSums(sums, sizes.astype(np.float64))
