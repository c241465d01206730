"""What a suite of some size can show, and the size that would show a difference.

The test here is the paired t test over clusters, at 5 % two-sided, with 80 % power. That the
exact test needs six clusters to say anything at all is heeded.
"""

import math
from collections.abc import Callable

from scipy.special import nctdtr, stdtrit

from harness.stats.ranks import SIGNIFICANCE_LEVEL
from harness.stats.signflip import smallest_p

POWER = 0.8

MAX_NEEDED = 10_000_000


def t_test_power(noncentrality: float, freedom: float, level: float = SIGNIFICANCE_LEVEL) -> float:
    """Return the power of a two-sided t test, by the noncentral t distribution.

    `noncentrality` is the true difference over its standard error.
    """
    critical = float(stdtrit(freedom, 1 - level / 2))
    above = 1 - float(nctdtr(freedom, noncentrality, critical))
    # The far tail is below 1e-9 there, and nctdtr gives NaN for it.
    below = float(nctdtr(freedom, noncentrality, -critical)) if noncentrality < 6 else 0.0
    return above + below


def minimum_detectable_difference(
    standard_error: float, freedom: float, power: float = POWER, level: float = SIGNIFICANCE_LEVEL
) -> float:
    """Return the least true difference that the test finds with the given power.

    `standard_error` is that of the difference, `freedom` its degrees of freedom.
    """
    low, high = 0.0, 1.0
    while t_test_power(high, freedom, level) < power:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if t_test_power(middle, freedom, level) < power else (low, middle)
        )
    return high * standard_error


def standard_error(sd: float, correlation: float, per_cluster: float, clusters: float) -> float:
    """Return the standard error of a mean over clusters of equal size.

    The variance of independent values times the design effect 1 + (m - 1) * correlation
    (Kish 1965, "Survey Sampling", section 5.4).
    """
    effect = 1 + (per_cluster - 1) * correlation
    return sd * math.sqrt(effect / (per_cluster * clusters))


def articles_needed(
    difference: float, sd: float, correlation: float, per_article: float, power: float = POWER
) -> int:
    """Return how many articles show a true difference with the given power.

    `sd` and `correlation` are of the paired differences by example (see `VarianceComponents`),
    `per_article` the examples of one article. Raises ValueError unless `difference` is above 0,
    and if more than ten million would be needed.
    """
    _require_positive(difference)

    def enough(articles: int) -> bool:
        error = standard_error(sd, correlation, per_article, articles)
        return _has_power(difference, error, articles, power)

    least = _least_sufficient(enough, 2)
    if least is None:
        raise ValueError(f"no suite can be large enough to show {difference:g}")
    return least


def questions_needed(
    difference: float, sd: float, correlation: float, articles: int, power: float = POWER
) -> int | None:
    """Return how many questions on each of `articles` show a difference; `None` if none do.

    More questions on the same articles cannot take away how the articles differ.
    """
    _require_positive(difference)
    if not _has_power(difference, sd * math.sqrt(correlation / articles), articles, power):
        return None

    def enough(questions: int) -> bool:
        error = standard_error(sd, correlation, questions, articles)
        return _has_power(difference, error, articles, power)

    return _least_sufficient(enough, 1)


def _require_positive(difference: float) -> None:
    if not difference > 0:
        raise ValueError(f"a difference to look for must be above 0, not {difference:g}")


def _has_power(difference: float, error: float, articles: int, power: float) -> bool:
    if articles < 2 or smallest_p(articles) > SIGNIFICANCE_LEVEL:
        return False
    if error == 0 or difference / error > 30:  # far out, where the distribution is hard to sum
        return True
    return t_test_power(difference / error, articles - 1) >= power


def _least_sufficient(enough: Callable[[int], bool], start: int) -> int | None:
    """Return the least number from `start` that is enough; more is taken to be better."""
    low, high = start - 1, start
    while not enough(high):
        low, high = high, 2 * high
        if high > MAX_NEEDED:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
