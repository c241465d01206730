"""The paired permutation test by cluster: each cluster's difference may as well have been minus it.

If two systems are alike, swapping their names within a cluster changes nothing. The test
counts the swaps after which they differ at least as much as they do.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.stats.clusters import Floats

# Up to 2 ** 16 patterns of signs are enumerated.
EXACT_CLUSTERS = 16
SEED = 0

# Two sums this near, relative to the scores they are of, are a tie that rounding has parted.
ROUNDING = 1e-11

# The most numbers held of one batch of patterns: 16 MB.
BATCH = 2_000_000


def random_draws(pairs: int) -> int:
    """Return how many random patterns serve `pairs` comparisons: 9,999, or more for more than 50.

    Holm's first step multiplies the smallest p by `pairs`. It must be able to fall well below
    5 %: at 5 % it rests on ten patterns.
    """
    return max(10_000, 200 * pairs) - 1


def smallest_p(clusters: int, pairs: int = 1) -> float:
    """Return the least p that the test can give: 2 of 2 ** clusters, or 1 of the random draws.

    >>> smallest_p(5)
    0.0625
    """
    if clusters <= EXACT_CLUSTERS:
        return min(1.0, 2.0 ** (1 - clusters))
    return 1 / (random_draws(pairs) + 1)


def sign_flip_test(
    sums: Floats,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    seed: int = SEED,
    draws: int | None = None,
) -> Floats:
    """Return the two-sided p-value of each pair of rows, (pairs,).

    `sums` is (rows, clusters), sums of scores by cluster; `left` and `right` are the rows of each
    pair. The statistic is the difference of the means over examples, of which ties count. Exact
    where at most 16 clusters differ: the share of all patterns of signs; else (c + 1) / (B + 1)
    over B = `draws` random ones (Phipson & Smyth 2010, "Permutation P-values Should Never Be
    Zero"), by default `random_draws` of the number of pairs.
    """
    # What rows share cancels in differences; without it less is lost to rounding.
    centered = sums - sums.mean(axis=0)
    scale = np.abs(centered).sum(axis=1)
    tolerance = ROUNDING * (scale[left] + scale[right])
    observed = np.abs((centered[left] - centered[right]).sum(axis=1)) - tolerance
    p = np.ones(len(left))
    if sums.shape[1] <= EXACT_CLUSTERS:
        p[:] = _exact_p(centered, left, right, observed)
        return p
    sampled = np.zeros(len(left), dtype=bool)
    for pair, (a, b) in enumerate(zip(left, right, strict=True)):
        differs = np.abs(centered[a] - centered[b]) > tolerance[pair]
        sampled[pair] = differs.sum() > EXACT_CLUSTERS
        if not sampled[pair] and differs.any():
            differing = centered[[a, b]][:, differs]
            rows = np.array([0]), np.array([1])
            p[pair] = _exact_p(differing, *rows, observed[[pair]])[0]
    if sampled.any():
        draws = draws or random_draws(len(left))
        patterns = _random_sign_patterns(
            sums.shape[1], draws, max(1, BATCH // max(sums.shape)), seed
        )
        count = _count_as_extreme(
            patterns, centered, left[sampled], right[sampled], observed[sampled]
        )
        p[sampled] = (count + 1) / (draws + 1)
    return p


def _exact_p(
    centered: Floats, left: NDArray[np.intp], right: NDArray[np.intp], observed: Floats
) -> Floats:
    clusters = centered.shape[1]
    count = _count_as_extreme(_all_sign_patterns(clusters), centered, left, right, observed)
    p: Floats = count / 2 ** (clusters - 1)
    return p


def _count_as_extreme(
    patterns: Iterator[Floats],
    centered: Floats,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    observed: Floats,
) -> Floats:
    """Return for each pair how many patterns reach what was observed."""
    count = np.zeros(len(left))
    totals = centered.sum(axis=1)
    for signs in patterns:
        signed = 2 * (signs @ centered.T) - totals  # a bit of 1 is a sign of plus
        for start in range(0, len(left), 64):
            chunk = slice(start, start + 64)
            differences = np.abs(signed[:, left[chunk]] - signed[:, right[chunk]])
            count[chunk] += (differences >= observed[chunk]).sum(axis=0)
    return count


def _all_sign_patterns(clusters: int) -> Iterator[Floats]:
    """Yield every pattern whose last sign is plus: with all signs turned, the size is the same."""
    patterns = np.arange(2 ** (clusters - 1))
    for start in range(0, len(patterns), 4096):
        bits = patterns[start : start + 4096, None] >> np.arange(clusters - 1) & 1
        yield np.hstack([bits, np.ones((len(bits), 1))]).astype(np.float64)


def _random_sign_patterns(clusters: int, draws: int, batch: int, seed: int) -> Iterator[Floats]:
    rng = np.random.default_rng(seed)
    width = -(-clusters // 8)
    for start in range(0, draws, batch):
        rows = min(batch, draws - start)
        packed = np.frombuffer(rng.bytes(rows * width), dtype=np.uint8).reshape(rows, width)
        yield np.unpackbits(packed, axis=1, count=clusters).astype(np.float64)
