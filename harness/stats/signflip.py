"""The paired permutation test by cluster: each cluster's difference may as well have been minus it.

If two systems are alike, swapping their names within a cluster changes nothing. The test counts
the swaps after which they differ at least as much as they do. All pairs share the swaps, so that
what they have in common is heeded when their p-values are adjusted for their number.
"""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.stats.clusters import Floats

# Up to 2 ** 16 patterns of signs are enumerated.
EXACT_CLUSTERS = 16
DRAWS = 9_999
SEED = 0

# Two sums this near, relative to the scores they are of, are a tie that rounding has parted; and
# two statistics of different pairs, which are sums of like size, relative to themselves.
ROUNDING = 1e-11
STATISTIC_ROUNDING = 1e-9

# The most numbers held of one batch of patterns: 16 MB.
BATCH = 2_000_000


@dataclass(frozen=True, slots=True)
class SignFlips:
    """The p-values of pairs, and whether all patterns of signs were enumerated for them.

    `p` and `adjusted_p` are (pairs,); `adjusted_p` is NaN for a pair outside the family. `greatest`
    is the family's greatest statistic under each pattern, (patterns,).
    """

    p: Floats
    adjusted_p: Floats
    exact: bool
    greatest: Floats

    def critical_value(self, level: float) -> float:
        """Return the value that the family's statistics must be above to be told at a level.

        Above it are fewer than `level` of the patterns. Infinite where the observed pattern alone
        is as much as that.
        """
        place = math.ceil(level * len(self.greatest) - STATISTIC_ROUNDING)
        if place <= 1:
            return math.inf
        return float(np.partition(self.greatest, -place)[-place])


def smallest_p(clusters: int) -> float:
    """Return the least p that the test can give: 2 of 2 ** clusters, or 1 of the random draws.

    The least adjusted p is the same.

    >>> smallest_p(5)
    0.0625
    """
    return 2.0 ** (1 - clusters) if clusters <= EXACT_CLUSTERS else 1 / (DRAWS + 1)


def sign_flip_test(
    sums: Floats,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    family: NDArray[np.bool_] | None = None,
    seed: int = SEED,
    draws: int = DRAWS,
) -> SignFlips:
    """Return the two-sided p-value of each pair of rows, alone and adjusted for the family's pairs.

    `sums` is (rows, clusters), sums of scores by cluster; `left` and `right` are the rows of each
    pair, and `family` says which pairs are adjusted for together, by default all.

    A pair's statistic is |S| / sqrt(sum of d_g ** 2): d_g is its difference in cluster g, S their
    sum, and the divisor is what S spreads by under random signs, which no pattern changes. With
    clusters of one size it grows with Student's t, so this is the studentised test. The adjusted p
    is the step-down maxT of Romano & Wolf (2005), "Exact and Approximate Stepdown Methods for
    Multiple Hypothesis Testing", section 2: a pair is held against the greatest statistic of
    itself and all pairs that differ less, under signs that all pairs share by cluster; no pair's
    falls below that of one that differs more.

    Ties count. Where at most 16 clusters differ in any pair, all patterns of signs are
    enumerated; else p is (c + 1) / (B + 1) over B = `draws` random ones (Phipson & Smyth 2010,
    "Permutation P-values Should Never Be Zero"), save that a pair of which at most 16 differ has
    the exact p, below which its adjusted one does not fall.
    """
    # What rows share cancels in differences; without it less is lost to rounding.
    centered = sums - sums.mean(axis=0)
    scale = np.abs(centered).sum(axis=1)
    tolerance = ROUNDING * (scale[left] + scale[right])
    differing: NDArray[np.bool_] = np.zeros((len(left), sums.shape[1]), dtype=bool)
    norms = np.empty(len(left))
    for pair, (a, b) in enumerate(zip(left, right, strict=True)):
        difference = centered[a] - centered[b]
        differing[pair] = np.abs(difference) > tolerance[pair]
        norms[pair] = np.sqrt(difference @ difference)
    centered = centered[:, np.any(differing, axis=0)]
    differ = np.asarray(np.any(differing, axis=1))
    pairs = _Pairs(centered, left, right, norms, tolerance, differ)
    in_family = np.ones(len(left), dtype=bool) if family is None else family
    if centered.shape[1] <= EXACT_CLUSTERS:
        return _flip(pairs, in_family, _all_sign_patterns(centered.shape[1]), exact=True)
    batch = max(1, BATCH // max(centered.shape))
    patterns = _random_sign_patterns(centered.shape[1], draws, batch, seed)
    flips = _flip(pairs, in_family, patterns, exact=False)
    p = flips.p
    for pair in np.flatnonzero(differing.sum(axis=1) <= EXACT_CLUSTERS).tolist():
        p[pair] = _exact_p(sums[[left[pair], right[pair]]][:, differing[pair]])
    return dataclasses.replace(flips, adjusted_p=np.maximum(flips.adjusted_p, p))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of rows, the divisor of each one's statistic, and whether it differs anywhere."""

    centered: Floats
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    norms: Floats
    tolerance: Floats
    differ: NDArray[np.bool_]

    def observed(self) -> Floats:
        """Return the statistics as they were found, 0 where a pair differs nowhere."""
        totals = self.centered.sum(axis=1)
        return self.statistics(totals[self.left] - totals[self.right])

    def thresholds(self) -> Floats:
        """Return from where on a statistic is at least as great as the one found, but for rounding.

        0 and below where a pair differs nowhere: all patterns reach it.
        """
        lost = np.divide(
            self.tolerance, self.norms, out=np.zeros_like(self.norms), where=self.differ
        )
        return self.observed() * (1 - STATISTIC_ROUNDING) - lost

    def statistics(self, differences: Floats) -> Floats:
        """Return |S| / divisor of the pairs' sums S, 0 where a pair differs nowhere."""
        return np.divide(
            np.abs(differences), self.norms, out=np.zeros_like(self.norms), where=self.differ
        )


def _flip(
    pairs: _Pairs, family: NDArray[np.bool_], patterns: Iterator[Floats], exact: bool
) -> SignFlips:
    """Return which share of the patterns reaches each pair's statistic, alone and with others.

    With random patterns, not `exact`, the pattern as observed is one of them.
    """
    observed, thresholds = pairs.observed(), pairs.thresholds()
    ascending = np.argsort(observed, kind="stable")
    alone, together = np.full((2, len(observed)), 0.0 if exact else 1.0)
    greatest_by_batch = [] if exact else [observed[family].max(keepdims=True)]
    row_totals = pairs.centered.sum(axis=1)[:, None]
    for signs in patterns:
        signed = 2 * (pairs.centered @ signs.T) - row_totals  # a bit of 1 is a sign of plus
        greatest = np.zeros(len(signs))
        for pair in ascending:
            if not pairs.differ[pair]:
                alone[pair] += len(signs)
                together[pair] += len(signs)
                continue
            statistics = np.abs(signed[pairs.left[pair]] - signed[pairs.right[pair]])
            statistics /= pairs.norms[pair]
            alone[pair] += np.count_nonzero(statistics >= thresholds[pair])
            if family[pair]:
                np.maximum(greatest, statistics, out=greatest)
                together[pair] += np.count_nonzero(greatest >= thresholds[pair])
        greatest_by_batch.append(greatest)
    greatest_statistics = np.concatenate(greatest_by_batch)
    total = len(greatest_statistics)
    adjusted_p = np.full(len(observed), np.nan)
    steps = ascending[::-1][family[ascending[::-1]]]
    adjusted_p[steps] = np.maximum.accumulate(together[steps] / total)
    return SignFlips(alone / total, adjusted_p, exact, greatest_statistics)


def _exact_p(sums: Floats) -> float:
    """Return the p of two rows over all patterns of the clusters in which they differ."""
    if not sums.shape[1]:
        return 1.0
    rows = np.array([0]), np.array([1])
    return float(sign_flip_test(sums, *rows).p[0])


def _all_sign_patterns(clusters: int) -> Iterator[Floats]:
    """Yield every pattern whose last sign is plus: with all signs turned, the size is the same."""
    if not clusters:
        yield np.ones((1, 0))
        return
    patterns = np.arange(2 ** (clusters - 1))
    for start in range(0, len(patterns), 4096):
        bits = patterns[start : start + 4096, None] >> np.arange(clusters - 1) & 1
        yield np.hstack([bits, np.ones((len(bits), 1))]).astype(np.float64)


def _random_sign_patterns(clusters: int, draws: int, batch: int, seed: int) -> Iterator[Floats]:
    """Yield random patterns in batches, each of which lies in the same memory as the one before."""
    rng = np.random.default_rng(seed)
    width = -(-clusters // 8)
    signs = np.empty((min(batch, draws), clusters))
    for start in range(0, draws, batch):
        rows = min(batch, draws - start)
        packed = np.frombuffer(rng.bytes(rows * width), dtype=np.uint8).reshape(rows, width)
        signs[:rows] = np.unpackbits(packed, axis=1, count=clusters)
        yield signs[:rows]
