"""How the rows of a table spread together from article to article, as a finished run shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.stats.clusters import Floats
from harness.stats.variance import VarianceComponents


@dataclass(frozen=True)
class JointSpread:
    """What an article gives the rows of a table, in units of what it gives one pair of them.

    `factor` is (rows, rows): with z (rows,) of standard normal numbers, the rows' scores of an
    article spread as factor @ z, and those of the planned pair, `pairs[planned]`, differ with a
    standard deviation of 1. `pairs` are those that the p-values are adjusted for together.
    `components` are of the planned pair's differences by example, `sizes` (articles,) the examples
    of each article.
    """

    factor: Floats
    pairs: Sequence[tuple[int, int]]
    planned: int
    components: VarianceComponents
    sizes: Floats


def joint_spread(
    means: Floats,
    pairs: Sequence[tuple[int, int]],
    planned: int,
    components: VarianceComponents,
    sizes: Floats,
) -> JointSpread:
    """Return how the rows spread; `means` is (rows, articles), each row's mean on each article.

    The planned pair's spread is that of `components`: between articles and within, so that an
    article of m examples is heeded as one of m. How the others spread beside it, and with it, is
    the covariance of the rows' residual means, each over the standard deviation that an article of
    that size has. What an article gives all rows alike is taken out first: no difference has it.

    Few articles make rows seem to go together more than they do: of five articles all differences
    lie in four dimensions, in which the greatest of many is not as great. So the correlations are
    drawn towards none, the more the less certain they are: Schäfer & Strimmer (2005), "A Shrinkage
    Approach to Large-Scale Covariance Matrix Estimation and Implications for Functional Genomics",
    target D, with their estimate of the share.
    """
    residuals = means - means.mean(axis=1, keepdims=True)
    residuals = (residuals - residuals.mean(axis=0)) / components.deviation(sizes)
    deviations = residuals.std(axis=1, ddof=1)
    covariance = _shrunken_correlation(residuals) * np.outer(deviations, deviations)
    a, b = pairs[planned]
    variance = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]
    values, vectors = np.linalg.eigh(covariance / variance)
    factor: Floats = vectors * np.sqrt(np.clip(values, 0, None))
    return JointSpread(factor, pairs, planned, components, sizes)


def _shrunken_correlation(values: Floats) -> NDArray[np.float64]:
    """Return the correlation of rows, (rows, rows), shrunken towards the identity."""
    count = values.shape[1]
    centered = values - values.mean(axis=1, keepdims=True)
    deviations = centered.std(axis=1, ddof=1, keepdims=True)
    scaled = np.divide(centered, deviations, out=np.zeros_like(centered), where=deviations > 0)
    products = scaled @ scaled.T
    correlation = products / (count - 1)
    # The sum over articles of (w - its mean) ** 2, where w is an article's product of two rows.
    squares = scaled**2 @ (scaled**2).T - products**2 / count
    variances = count / (count - 1) ** 3 * squares
    apart = ~np.eye(len(values), dtype=bool)
    known = float((correlation[apart] ** 2).sum())
    share = min(1.0, float(variances[apart].sum()) / known) if known else 1.0
    shrunken: NDArray[np.float64] = correlation * np.where(apart, 1 - share, 1.0)
    return shrunken
