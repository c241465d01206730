"""What a suite of some size can show, and the size that would show a difference.

The test here is the paired t test over clusters, at 5 % two-sided, with 80 % power. That the
exact test needs six clusters to say anything at all is heeded.
"""

from collections.abc import Callable

from harness.stats.distributions import noncentral_t_above, student_quantile
from harness.stats.ranks import SIGNIFICANCE_LEVEL

POWER = 0.8


def t_test_power(noncentrality: float, freedom: float, level: float = SIGNIFICANCE_LEVEL) -> float:
    """Return the power of a two-sided t test, by the noncentral t distribution.

    `noncentrality` is the true difference over its standard error.
    """
    critical = student_quantile(freedom, 1 - level / 2)
    below = noncentral_t_above(freedom, -noncentrality, critical)  # the other side, mirrored
    return noncentral_t_above(freedom, noncentrality, critical) + below


def minimum_detectable_difference(
    standard_error: float, freedom: float, power: float = POWER, level: float = SIGNIFICANCE_LEVEL
) -> float:
    """Return the least true difference that the test finds with the given power.

    `standard_error` is that of the difference, `freedom` its degrees of freedom.
    """
    return standard_error * least_noncentrality(
        lambda noncentrality: t_test_power(noncentrality, freedom, level), power
    )


def least_noncentrality(power_at: Callable[[float], float], power: float) -> float:
    """Return the least noncentrality at which a test has the given power, which grows with it."""
    low, high = 0.0, 1.0
    while power_at(high) < power:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if power_at(middle) < power else (low, middle)
    return high
