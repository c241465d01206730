"""One-sided bounds of a mean, and what a test by them can show: for who asks about one side only.

A one-sided test at 5 % and a one-sided 95 % bound say the same; both bounds are the ends of a 90 %
interval. Two such tests, one a side, are how equivalence is shown (Schuirmann 1987, "A Comparison
of the Two One-Sided Tests Procedure"), and one of them how non-inferiority is (Piaggio et al. 2012,
the CONSORT statement's extension).
"""

from harness.stats.distributions import noncentral_t_above, student_quantile
from harness.stats.planning.power import POWER, least_noncentrality
from harness.stats.student import NO_SPREAD

LEVEL = 0.05


def one_sided_bounds(
    mean: float, standard_error: float, freedom: float, level: float = LEVEL
) -> tuple[float, float]:
    """Return the lower and the upper bound of a mean, each by Student's t at `level`.

    Without spread both are the mean.

    >>> [round(bound, 3) for bound in one_sided_bounds(0.0, 0.1, 4)]
    [-0.213, 0.213]
    """
    half = 0.0 if standard_error <= NO_SPREAD else critical_t(freedom, level) * standard_error
    return mean - half, mean + half


def critical_t(freedom: float, level: float = LEVEL) -> float:
    """Return what Student's t is above with a probability of `level`."""
    return student_quantile(freedom, 1 - level)


def one_sided_power(noncentrality: float, freedom: float, level: float = LEVEL) -> float:
    """Return the power of a one-sided t test, by the noncentral t distribution.

    `noncentrality` is the true mean, above what it is tested against, over its standard error.
    """
    return noncentral_t_above(freedom, noncentrality, critical_t(freedom, level))


def detectable_mean(
    standard_error: float, freedom: float, power: float = POWER, level: float = LEVEL
) -> float:
    """Return the least true mean that a one-sided t test shows to be above 0 with a given power.

    `standard_error` is that of the mean, `freedom` its degrees of freedom.
    """
    return standard_error * least_noncentrality(
        lambda noncentrality: one_sided_power(noncentrality, freedom, level), power
    )
