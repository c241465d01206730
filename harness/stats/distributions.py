"""The normal distribution and Student's t, central and not, as intervals and tests need them.

`scipy.special` has these too; it brings a library for linear algebra, 27 MB and a quarter of a
second of every command. Tests hold these against it.
"""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from harness.stats.clusters import Floats

# Where a continued fraction or an iteration has come to its end: two of a number's last places.
_PRECISION = 4e-16
_MOST_ITERATIONS = 10_000
# What stands for a 0 that is divided by, as Lentz's form has it.
_TINY = 1e-300
# Log-gamma functions of greater arguments are too great for their difference to be exact.
_ASYMPTOTIC = 20
# Nodes of an integral: how far it goes in standard deviations, and how many nodes are in one.
_WIDTH = 12.0
_DENSITY = 12


def normal_probability(value: float) -> float:
    """Return how often a standard normal variable is below a value."""
    return math.erfc(-value / math.sqrt(2)) / 2


def normal_quantile(probability: float) -> float:
    """Return what a standard normal variable is below with a probability between 0 and 1."""
    return NormalDist().inv_cdf(probability)


@lru_cache(maxsize=64)
def student_quantile(freedom: float, probability: float) -> float:
    """Return what Student's t is below with a probability from 0 to 1, infinite at the ends.

    >>> round(student_quantile(4, 0.975), 4)
    2.7764
    """
    tail = min(probability, 1 - probability)
    if tail == 0.5:
        return 0.0
    if tail <= 0:
        return math.copysign(math.inf, probability - 0.5)
    low, high = 0.0, 1.0
    while _tail(freedom, high) > tail:
        low, high = high, 2 * high
    # Newton's method on the tail's logarithm, and halving where that leaves the bracket.
    quantile = (low + high) / 2
    for _ in range(_MOST_ITERATIONS):
        above = _tail(freedom, quantile)
        low, high = (quantile, high) if above > tail else (low, quantile)
        step = above / _density(freedom, quantile) * math.log(above / tail)
        nearer = quantile + step if low < quantile + step < high else (low + high) / 2
        if abs(nearer - quantile) <= _PRECISION * nearer:
            break
        quantile = nearer
    return quantile if probability > 0.5 else -quantile


def noncentral_t_above(freedom: float, noncentrality: float, value: float) -> float:
    """Return how often (Z + noncentrality) / S is above a value.

    Z is normal, S the root of a chi-squared over its degrees of freedom, by which the normal's tail
    is integrated.
    """
    deviations, weights = _chi_nodes(freedom)
    root = math.sqrt(2)
    arguments = ((value * deviations - noncentrality) / root).tolist()
    tails = np.array([math.erfc(argument) for argument in arguments])
    return float(weights @ tails) / 2


def _tail(freedom: float, value: float) -> float:
    """Return how often Student's t is above a value that is not negative."""
    if value == 0:
        return 0.5
    far = value * value / (freedom + value * value)
    near = freedom / (freedom + value * value)
    if value < 3:  # the other end's fraction is as exact for any freedom, and the tail is no speck
        return (1 - _incomplete_beta(0.5, freedom / 2, far, near)) / 2
    return _incomplete_beta(freedom / 2, 0.5, near, far) / 2


def _density(freedom: float, value: float) -> float:
    exponent = -(freedom + 1) / 2 * math.log1p(value * value / freedom)
    return math.exp(exponent - _log_beta_half(freedom / 2)) / math.sqrt(freedom)


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularized incomplete beta function at x, of which `rest` is 1 - x.

    By its continued fraction (DLMF 8.17.22) in Lentz's form (1976); either a or b is 1/2.
    """
    log_x = math.log1p(-rest) if rest < 0.5 else math.log(x)
    log_rest = math.log1p(-x) if x < 0.5 else math.log(rest)
    log_beta = _log_beta_half(a if b == 0.5 else b)
    factor = math.exp(a * log_x + b * log_rest - log_beta) / a
    fraction, numerator, denominator = 1.0, 1.0, 0.0
    for term in range(1, _MOST_ITERATIONS):
        half = term // 2
        if term % 2 == 0:
            coefficient = half * (b - half) * x / ((a + term - 1) * (a + term))
        else:
            coefficient = -(a + half) * (a + b + half) * x / ((a + term - 1) * (a + term))
        denominator = 1 / ((1 + coefficient * denominator) or _TINY)
        numerator = (1 + coefficient / numerator) or _TINY
        change = numerator * denominator
        fraction *= change
        if abs(change - 1) <= _PRECISION:
            return factor / fraction
    raise ArithmeticError(f"the incomplete beta function of {a}, {b} at {x} does not converge")


@lru_cache(maxsize=8)
def _chi_nodes(freedom: float) -> tuple[Floats, Floats]:
    """Return values of a chi over the root of its degrees of freedom, and their weights.

    Over the logarithm of the value, where the trapezoid rule converges as fast as the density is
    smooth: its ends are as good as 0.
    """
    spread = 1 / math.sqrt(2 * freedom)
    low = -(40 / freedom + _WIDTH * spread)
    high = math.log1p(_WIDTH * spread)
    step = min(spread, 0.5) / _DENSITY
    logs = np.arange(low, high, step)
    # The density's logarithm, less its greatest, which is at 0.
    weights = np.exp(freedom * (logs - np.expm1(2 * logs) / 2))
    return np.exp(logs), weights / weights.sum()


def _log_beta_half(a: float) -> float:
    """Return the logarithm of the beta function of a and 1/2."""
    if a < _ASYMPTOTIC:
        return math.lgamma(a) + math.lgamma(0.5) - math.lgamma(a + 0.5)
    # The ratio of gamma functions by its expansion (DLMF 5.11.13), in powers of 1 / a.
    terms = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432)
    rest = sum(term / a ** (2 * place + 1) for place, term in enumerate(terms))
    return math.log(math.pi) / 2 - math.log(a) / 2 - rest
