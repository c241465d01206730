"""Correlations with weights against scipy's, of items that are there as often as they weigh."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from harness.agreement.correlations.weighted import (
    Floats,
    centred_pooled_ranks,
    centred_ranks,
    centred_values,
    correlation,
    kendall,
    pooled_ranks,
    signs,
    ties_restored,
)

# Rows of ten items: without ties, with some, and mostly ties, as people's scores are.
_RNG = np.random.default_rng(3)
LEFT = np.vstack([_RNG.normal(size=10), _RNG.integers(0, 4, 10), _RNG.integers(0, 2, 10)])
RIGHT = np.vstack([_RNG.normal(size=10), _RNG.normal(size=10), _RNG.integers(0, 5, 10)])
WEIGHTS = _RNG.multinomial(10, [0.1] * 10, size=(3, 6)).transpose(0, 2, 1).astype(np.float64)


def _repeated(row: Floats, weights: Floats) -> NDArray[np.float64]:
    return np.repeat(row, weights.astype(int))


def _three(left: Floats, right: Floats, weights: Floats) -> list[Floats]:
    return [
        correlation(centred_ranks(left, weights), centred_ranks(right, weights), weights),
        kendall(signs(left), signs(right), weights),
        correlation(centred_values(left, weights), centred_values(right, weights), weights),
    ]


def test_weighted_correlations_are_scipy_s_of_repeated_items() -> None:
    spearman, tau, pearson = _three(LEFT, RIGHT, WEIGHTS)
    checked = 0
    for row in range(3):
        for draw in range(6):
            left = _repeated(LEFT[row], WEIGHTS[row, :, draw])
            right = _repeated(RIGHT[row], WEIGHTS[row, :, draw])
            if len(set(left)) < 2 or len(set(right)) < 2:
                assert np.isnan(spearman[row, draw])
                continue
            checked += 1
            assert spearman[row, draw] == pytest.approx(stats.spearmanr(left, right).statistic)
            assert tau[row, draw] == pytest.approx(stats.kendalltau(left, right).statistic)
            assert pearson[row, draw] == pytest.approx(stats.pearsonr(left, right).statistic)
    assert checked > 12


def test_by_hand() -> None:
    """Ranks of (1, 2, 2, 4) are 1, 2.5, 2.5, 4 and of (1, 3, 2, 4) 1, 3, 2, 4.

    Less 2.5 they are (-1.5, 0, 0, 1.5) and (-1.5, .5, -.5, 1.5): their product is 4.5, their
    squares 4.5 and 5, so Spearman's is 4.5 / sqrt(22.5). Of six pairs five are concordant and one
    is a tie on the left, so tau-b is 5 / sqrt(5 * 6).
    """
    left, right = np.array([[1.0, 2, 2, 4]]), np.array([[1.0, 3, 2, 4]])
    spearman, tau, _ = _three(left, right, np.ones((1, 4, 1)))
    assert spearman[0, 0] == pytest.approx(4.5 / 22.5**0.5)
    assert tau[0, 0] == pytest.approx(5 / 30**0.5)


def test_padding_of_weight_zero_changes_nothing() -> None:
    padded_left, padded_right = (np.hstack([rows, np.full((3, 2), 99.0)]) for rows in (LEFT, RIGHT))
    padded_weights = np.concatenate([WEIGHTS, np.zeros((3, 2, 6))], axis=1)
    for bare, padded in zip(
        _three(LEFT, RIGHT, WEIGHTS),
        _three(padded_left, padded_right, padded_weights),
        strict=True,
    ):
        np.testing.assert_allclose(bare, padded)


@pytest.mark.parametrize("constant", [0.1, 1e9, 0.0])
def test_a_constant_side_has_no_correlation(constant: float) -> None:
    left = np.full((1, 10), constant)
    for values in _three(left, RIGHT[:1], np.ones((1, 10, 1))):
        assert np.isnan(values).all()


def test_nothing_drawn_has_no_correlation() -> None:
    for values in _three(LEFT, RIGHT, np.zeros((3, 10, 1))):
        assert np.isnan(values).all()


def test_ranks_of_a_long_row_are_scipy_s() -> None:
    values = _RNG.integers(0, 30, 200).astype(np.float64)
    ranks = pooled_ranks(values, np.ones((200, 1)))[:, 0]
    np.testing.assert_allclose(ranks, stats.rankdata(values) - 100.5)
    weights = _RNG.integers(0, 3, (200, 2)).astype(np.float64)
    other = _RNG.normal(size=200)
    sides = [centred_pooled_ranks(side, weights) for side in (values, other)]
    found = correlation(sides[0], sides[1], weights[None])
    for draw in range(2):
        repeated = [_repeated(side, weights[:, draw]) for side in (values, other)]
        assert found[0, draw] == pytest.approx(stats.spearmanr(*repeated).statistic)


def test_a_tie_that_rounding_has_parted_is_one() -> None:
    """F1 of 1/3 and 1/2 is 0.4, and so it is of 1/4 and 1: one number, and two to the machine."""
    first, second = (2 * p * r / (p + r) for p, r in ((1 / 3, 1 / 2), (1 / 4, 1.0)))
    apart = np.array([first, np.nextafter(second, 1), 0.400001])
    assert len(set(apart.tolist())) == 3
    restored = ties_restored(apart)
    assert restored[0] == restored[1] != restored[2]
