"""The authority is scipy, and mpmath's integrals where scipy has no number."""

import math

import pytest
import scipy.special

from harness.stats.distributions import (
    noncentral_t_above,
    normal_probability,
    normal_quantile,
    student_quantile,
)

FREEDOMS = [0.5, 1, 1.5, 2, 3, 4, 7.3, 10, 19.9, 20, 39, 41, 50, 300, 9_999, 100_000]
PROBABILITIES = [1e-9, 1e-6, 0.01, 0.025, 0.3, 0.49999, 0.6, 0.9, 0.95, 0.975, 0.995, 0.999999]


@pytest.mark.parametrize("freedom", FREEDOMS)
def test_quantiles_of_student_s_t_are_scipy_s(freedom: float) -> None:
    for probability in PROBABILITIES:
        expected = float(scipy.special.stdtrit(freedom, probability))
        # Below 1e-4 scipy's own lose digits: stdtr(1, -1e-9) is 0.5, not 0.5 - 1e-9 / pi.
        given = student_quantile(freedom, probability)
        assert given == pytest.approx(expected, rel=1e-11 if abs(expected) > 1e-4 else 1e-6)
    assert student_quantile(freedom, 0.5) == 0
    assert student_quantile(freedom, 0) == -math.inf
    assert student_quantile(freedom, 1) == math.inf


@pytest.mark.parametrize("probability", PROBABILITIES)
def test_quantiles_of_one_and_two_degrees_of_freedom_are_those_of_their_formulas(
    probability: float,
) -> None:
    """Cauchy's is -1 / tan(pi p); of two it is (2p - 1) / sqrt(2p (1 - p))."""
    tail, sign = min(probability, 1 - probability), 1 if probability > 0.5 else -1
    one = sign / math.tan(math.pi * tail)
    two = sign * (1 - 2 * tail) / math.sqrt(2 * tail * (1 - tail))
    assert student_quantile(1, probability) == pytest.approx(one, rel=1e-11)
    assert student_quantile(2, probability) == pytest.approx(two, rel=1e-11)


@pytest.mark.parametrize("probability", [1e-300, 1e-9, 0.025, 0.5, 0.7, 0.975, 1 - 1e-9])
def test_the_normal_distribution_is_scipy_s(probability: float) -> None:
    quantile = float(scipy.special.ndtri(probability))
    assert normal_quantile(probability) == pytest.approx(quantile, rel=1e-14, abs=1e-15)
    assert normal_probability(quantile) == pytest.approx(probability, rel=1e-11)


@pytest.mark.parametrize("freedom", FREEDOMS[1:])
@pytest.mark.parametrize("noncentrality", [-2.8, 0.0, 0.5, 2.8, 5.9])
def test_the_noncentral_t_is_scipy_s(freedom: float, noncentrality: float) -> None:
    for value in (0.0, 0.5, 2.0, 2.776, 4.3, 12.7):
        expected = float(scipy.special.nctdtr(freedom, noncentrality, value))
        given = noncentral_t_above(freedom, noncentrality, value)
        assert given == pytest.approx(1 - expected, abs=1e-10)


# mpmath 1.3, 30 digits: quad(lambda s: 2 * (f/2)**(f/2) * s**(f-1) * e**(-f*s*s/2) / gamma(f/2)
#   * ncdf(delta - t*s), [0, .2, .5, .8, 1, 1.3, 2, 4, 9])
@pytest.mark.parametrize(
    ("freedom", "noncentrality", "value", "expected"),
    [
        (1, 10, 12, 0.593718305882448),
        (1, 10, 4, 0.984706628969801),
        (1.5, 10, 4, 0.992731218289527),
        (2, 10, 12, 0.499340058537882),
        (4, 10, 12, 0.40541671150299),
        (4, 2.8, 2.7, 0.584419651232264),
        (4, 5, 2.7, 0.961301651852903),
    ],
)
def test_the_noncentral_t_is_its_integral(
    freedom: float, noncentrality: float, value: float, expected: float
) -> None:
    given = noncentral_t_above(freedom, noncentrality, value)
    assert given == pytest.approx(expected, abs=1e-14)


def test_a_difference_of_a_thousand_standard_errors_is_found() -> None:
    """scipy 1.16 has no number for it."""
    assert noncentral_t_above(4, 1000.0, 2.776) == pytest.approx(1.0, abs=1e-12)
    assert noncentral_t_above(4, -1000.0, 2.776) == 0.0
    assert noncentral_t_above(4, 1000.0, math.inf) == 0.0
