"""Scores summed by cluster: all that the intervals and tests need of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

# More clusters than this are drawn and flipped in groups: time and memory would grow with their
# number, and what is found would not.
MOST_DRAWN = 10_000


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums of scores by cluster: `sums` is (rows, clusters), `sizes` (clusters,) examples."""

    sums: Floats
    sizes: Floats

    def merged(self, most: int, groups: NDArray[np.intp] | None = None) -> "ClusterSums":
        """Return the same with clusters laid together, so that no more than `most` are left.

        The i-th belongs to group `groups[i]`, by default i modulo `most`: by its place and not by
        its scores, so that groups are a sample as clusters are. Groups without a cluster go.
        """
        if groups is None:
            if self.clusters <= most:
                return self
            groups = np.arange(self.clusters) % most
        taken = np.bincount(groups) > 0
        sizes, *sums = (
            np.bincount(groups, row)[taken].astype(np.float64) for row in (self.sizes, *self.sums)
        )
        return ClusterSums(np.vstack(sums), sizes)

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

    @property
    def residuals(self) -> Floats:
        """The sums less what each row's mean would give, (rows, clusters)."""
        residuals: Floats = self.sums - self.means[:, None] * self.sizes
        return residuals

    def standard_errors(self) -> Floats:
        """Return each row's standard error of the mean over examples, (rows,); NaN for one cluster.

        CR2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, "Small-Sample Methods for
        Cluster-Robust Variance Estimation and Hypothesis Testing") of a regression on a
        constant, with independent errors of one variance as working model. There the hat matrix
        is J / n, all ones over n, so a cluster of m_g examples has the adjustment
        (I - J / n)^(-1/2), by which a row of ones is only stretched: by (1 - m_g / n)^(-1/2). With
        the residual sums e_g = sum_g - mean * m_g the variance is
        sum(e_g ** 2 / (1 - m_g / n)) / n ** 2, without bias under the working model. With clusters
        of one size that is G / (G - 1) * sum(e_g ** 2) / n ** 2 (Cameron & Miller 2015, eq. 11),
        with one example each the usual s / sqrt(n).
        """
        if self.clusters < 2:
            return np.full(len(self.sums), np.nan)
        residuals = self.residuals
        weights = 1 / (1 - self.sizes / self.n)
        standard_errors: Floats = np.sqrt(np.einsum("ij,ij,j->i", residuals, residuals, weights))
        return standard_errors / self.n

    @property
    def freedom(self) -> float:
        """The degrees of freedom of the standard errors; NaN for one cluster.

        Bell & McCaffrey's, by Satterthwaite: twice the squared mean of the variance over its
        variance. Under the working model e_g and e_h have the
        covariance s ** 2 * (m_g * [g = h] - m_g * m_h / n). With p_g = m_g / n and
        q_g = p_g ** 2 / (1 - p_g) the ratio becomes 1 / (sum(p_g ** 2) + sum(q_g) ** 2 -
        sum(q_g ** 2)): G - 1 for clusters of one size, fewer for others.
        """
        if self.clusters < 2:
            return float("nan")
        share = self.sizes / self.n
        weighted = share**2 / (1 - share)
        return float(1 / (share @ share + weighted.sum() ** 2 - weighted @ weighted))


def cluster_sums(scores: ArrayLike, clusters: Sequence[Any] | NDArray[Any]) -> ClusterSums:
    """Return scores summed by cluster.

    `scores` is (rows, examples) or (examples,); `clusters` names the cluster of each example.
    The order of the examples does not matter. Raises ValueError if the shapes do not fit, there
    is no example, or a score is not finite.

    >>> cluster_sums([[1, 0, 1]], ["a", "b", "a"]).sums.tolist()
    [[2.0, 0.0]]
    """
    values = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    return Clusters(clusters).sums(values)


class Clusters:
    """Which examples belong together, (examples,), to sum one row of scores after the other.

    Raises ValueError unless the names are in one dimension.
    """

    def __init__(self, clusters: Sequence[Any] | NDArray[Any]) -> None:
        names = np.asarray(clusters)
        if names.ndim != 1:
            raise ValueError(f"scores need one cluster each, not {names.shape}")
        # By one sorting alone: what `np.unique` says of the same is several times as large.
        self._order = np.argsort(names, kind="stable")
        ordered = names[self._order]
        begins = np.append(True, ordered[1:] != ordered[:-1])[: len(names)]
        self._starts = np.flatnonzero(begins)
        self._sizes = np.diff(self._starts, append=len(names)).astype(np.float64)
        self._names = names

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(self._starts)

    @property
    def names(self) -> NDArray[Any]:
        """The name of each cluster, in order; a new array each time."""
        return self._names[self._order[self._starts]]

    def sums(self, scores: Floats) -> ClusterSums:
        """Return scores, (rows, examples) or (examples,), summed; raise as `cluster_sums` does."""
        values = np.atleast_2d(scores)
        if values.ndim != 2 or values.shape[1] != len(self._order):
            raise ValueError(
                f"scores {values.shape} need one cluster each, not {self._order.shape}"
            )
        if not values.size:
            raise ValueError("there are no scores")
        if not all(np.isfinite(row).all() for row in values):
            raise ValueError("a score is not a finite number")
        # Row by row: all of them in another order would be as large as the scores.
        sums = np.empty((len(values), self.count))
        for row, own in zip(values, sums, strict=True):
            np.add.reduceat(row[self._order], self._starts, out=own)
        return ClusterSums(sums, self._sizes)
