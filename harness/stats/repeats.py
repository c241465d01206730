"""What comes of asking the same several times: variance within and between examples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.variance import variance_components


@dataclass(frozen=True, slots=True)
class RepeatVariance:
    """Variance of scores within examples, over repeats, and between the examples' true means.

    `None` where it cannot be told.
    """

    within: float | None
    between: float | None


def repeat_variance(scores: ArrayLike, counts: ArrayLike) -> RepeatVariance:
    """Return the components of variance of scores that each example has several of.

    `scores` is (all repeats,), one example's after another's; `counts` (examples,) says how many
    each has, 0 or more. By the one-way analysis of variance with unequal numbers (Searle, Casella &
    McCulloch 1992, "Variance Components", section 3.6): with n examples, N scores in all and k_i of
    an example, within = SSW / (N - n) and between = (SSB / (n - 1) - within) / k_0, not below 0,
    where k_0 = (N - sum(k_i ** 2) / N) / (n - 1). Examples without a score are left out. That the
    variance of a mean has both parts, and that more repeats make one of them smaller: Miller 2024,
    "Adding Error Bars to Evals", arXiv 2411.00640. Raises ValueError unless the counts add up.
    """
    values = np.asarray(scores, dtype=np.float64)
    sizes = np.asarray(counts, dtype=np.int64)
    if values.ndim != 1 or (sizes < 0).any() or sizes.sum() != len(values):
        raise ValueError(f"counts of {sizes.sum()} scores do not fit {len(values)} scores")
    sizes = sizes[sizes > 0]
    n, total = len(sizes), len(values)
    if total <= n:
        return RepeatVariance(None, None)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    means = np.add.reduceat(values, starts) / sizes
    within = float(((values - np.repeat(means, sizes)) ** 2).sum()) / (total - n)
    if n < 2:
        return RepeatVariance(within, None)
    between_square = float((sizes * (means - values.mean()) ** 2).sum()) / (n - 1)
    mean_size = (total - float((sizes**2).sum()) / total) / (n - 1)
    return RepeatVariance(within, max(0.0, (between_square - within) / mean_size))


@dataclass(frozen=True, slots=True)
class NestedVariance:
    """Where the variance of scores comes from: the article, the example in it, and the repeat.

    `per_article` is the mean number of examples of an article; there are `articles`, and each
    example has `repeats` scores.
    """

    article: float
    example: float
    repeat: float
    per_article: float
    articles: int
    repeats: float

    def standard_error(self, articles: int | None = None, repeats: float | None = None) -> float:
        """Return the standard error of the mean with so many articles and repeats, or as many.

        Articles of one size m, and K repeats: the variance is
        (article + (example + repeat / K) / m) / articles. Without clusters it is that of Miller
        2024, arXiv 2411.00640: the variance of the examples' means, and that within one over K,
        each over the number of examples; clusters come in by Kish's design effect.
        """
        of_example = self.example + self.repeat / (self.repeats if repeats is None else repeats)
        of_article = self.article + of_example / self.per_article
        return math.sqrt(of_article / (self.articles if articles is None else articles))

    @property
    def least_standard_error(self) -> float:
        """What it comes to with as many articles and ever more repeats."""
        return self.standard_error(repeats=math.inf)

    def articles_like_endless_repeats(self) -> int:
        """Return how many articles, with the repeats that there are, do what no end of them would.

        As many at least as there are.
        """
        least = self.least_standard_error
        if least == 0:
            raise ValueError("all variance is of repeats: no number of articles takes it all away")
        needed = self.articles * (self.standard_error() / least) ** 2
        return math.ceil(needed - 1e-9)


def nested_variance(
    means: ArrayLike,
    clusters: Sequence[Any] | NDArray[Any],
    within: float,
    repeats: float,
) -> NestedVariance:
    """Return where the variance of examples' means comes from.

    `means` is (examples,), each over `repeats` scores, or differences of such means; `clusters`
    their articles; `within` the variance from one repeat to the next (of a difference of two models
    the sum of both). What `variance_components` finds between examples of an article has
    within / repeats in it, which is taken off; no part is below 0. Raises ValueError as that does.
    """
    spread = variance_components(means, clusters)
    article = spread.sd**2 * spread.correlation
    example = spread.sd**2 * (1 - spread.correlation)
    if spread.per_cluster == 1:  # all of it was counted to the articles
        article = max(0.0, article - within / repeats)
    else:
        example = max(0.0, example - within / repeats)
    return NestedVariance(article, example, within, spread.per_cluster, spread.clusters, repeats)
