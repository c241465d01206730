"""More clusters than are drawn: they are drawn and flipped in groups."""

import numpy as np
import pytest

from harness.stats import compare_all, estimates
from harness.stats.clusters import MOST_DRAWN, Clusters, cluster_sums

MANY = 2 * MOST_DRAWN + 1


def test_clusters_are_laid_together_by_their_places() -> None:
    """1 + 3 and 2, of 2 + 1 and 1 examples."""
    merged = cluster_sums([[0.5, 0.5, 2.0, 3.0]], ["a", "a", "b", "c"]).merged(2)
    assert (merged.sums.tolist(), merged.sizes.tolist()) == ([[4.0, 2.0]], [3.0, 1.0])
    assert merged.merged(2) is merged


def test_clusters_are_in_the_order_of_their_names() -> None:
    clusters = Clusters(["b", "c", "a", "b"])
    sums = clusters.sums(np.array([[1.0, 2.0, 4.0, 8.0], [0.5, 0.0, 0.0, 0.25]]))
    assert (clusters.count, clusters.names.tolist()) == (3, ["a", "b", "c"])
    assert sums.sums.tolist() == [[4.0, 9.0, 2.0], [0.0, 0.75, 0.0]]
    assert sums.sizes.tolist() == [1.0, 2.0, 1.0]


def test_the_bootstrap_of_many_clusters_is_that_of_a_normal_mean() -> None:
    """Half of the scores 0 and half 1, in no order: 0.5 -+ 1.96 * 0.5 / sqrt(n)."""
    scores = np.random.default_rng(0).permutation(np.arange(MANY) % 2)
    (estimate,) = estimates(scores, np.arange(MANY))
    half = 1.96 * 0.5 / MANY**0.5
    assert estimate.clusters == MANY
    assert estimate.bootstrap is not None
    assert estimate.bootstrap.low == pytest.approx(scores.mean() - half, abs=0.05 * half)
    assert estimate.bootstrap.high == pytest.approx(scores.mean() + half, abs=0.05 * half)


@pytest.mark.parametrize("shift", [0.0, 1.0, 1.5, 2.5, 6.0])
def test_many_clusters_are_told_apart_as_by_the_normal_test(shift: float) -> None:
    """Differences of variance 1 whose mean is `shift` standard errors: two-sided p 2 * (1 - Phi)."""
    expected = {0.0: 1.0, 1.0: 0.3173, 1.5: 0.1336, 2.5: 0.0124, 6.0: 0.0001}[shift]
    noise = np.random.default_rng(1).normal(size=MANY)
    noise = (noise - noise.mean()) / noise.std()
    scores = np.vstack([noise + shift / MANY**0.5, np.zeros(MANY)])
    (comparison,) = compare_all(scores, np.arange(MANY))
    assert comparison.p == pytest.approx(expected, abs=0.02)
    assert comparison.p_adjusted == comparison.p
    simultaneous = comparison.simultaneous
    assert simultaneous is not None
    assert (simultaneous.low <= 0 <= simultaneous.high) == (comparison.p >= 0.05)
    assert comparison.clusters == MANY
