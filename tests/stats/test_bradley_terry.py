"""Strengths by Bradley and Terry, held against `choix` and `statsmodels`."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import stdtrit

from harness.stats.choice.bradley_terry import bradley_terry

# Cluster, row, row, and how much of the win is the first row's.
PAIRS = [
    (0, 0, 1, 1), (0, 0, 2, 1), (0, 0, 3, 0.5), (0, 1, 2, 0.5), (0, 1, 3, 1), (0, 2, 3, 0),
    (1, 0, 1, 0), (1, 0, 2, 1), (1, 0, 3, 1), (1, 1, 2, 1), (1, 1, 3, 0.75), (1, 2, 3, 1),
    (2, 0, 1, 0.5), (2, 0, 2, 0), (2, 0, 3, 1), (2, 1, 2, 1), (2, 1, 3, 0), (2, 2, 3, 0.25),
    (3, 0, 1, 1), (3, 0, 2, 0.5), (3, 1, 2, 0), (3, 2, 3, 1),
]  # fmt: skip


@pytest.fixture
def wins() -> NDArray[np.float64]:
    values = np.zeros((4, 4, 4))
    for cluster, a, b, share in PAIRS:
        values[cluster, a, b] += share
        values[cluster, b, a] += 1 - share
    return values


def test_strengths_are_those_of_choix(wins: NDArray[np.float64]) -> None:
    """By `choix.ilsr_pairwise_dense(…, alpha=0, tol=1e-12)`, choix 0.4.1, of all clusters' wins.

    Of the second with half a win more for each of two rows over the other.
    """
    plain = [strength.value for strength in bradley_terry(wins, ties_added=0)]
    assert plain == pytest.approx(
        [0.6003203991003578, 0.10180586908313491, -0.197397344075819, -0.5047289241076737]
    )
    with_ties = [strength.value for strength in bradley_terry(wins)]
    assert with_ties == pytest.approx(
        [0.45620913096403093, 0.07292480737049675, -0.15460049747391616, -0.3745334408606116]
    )


def test_errors_are_those_of_statsmodels_by_cluster_or_without_the_wider_of_both(
    wins: NDArray[np.float64],
) -> None:
    """By statsmodels 0.15.0, a GLM of the binomial family without a constant.

    Each pair is a case with 1 in its first row's column and -1 in the other's; the strengths have
    the sum 0. By cluster: `cov_type="cluster"` with `use_correction=False`, times sqrt(4 / 3).
    """
    by_cluster = [0.2807894652570397, 0.5005756032160898, 0.4496811149693769, 0.48186162317333925]
    without = [0.491162135853673, 0.46628878540810814, 0.44757540949695995, 0.5060556789742638]
    quantile = stdtrit(3, 0.975)
    for strength, *errors in zip(
        bradley_terry(wins, ties_added=0), by_cluster, without, strict=True
    ):
        interval = strength.interval
        assert interval is not None
        half = quantile * max(errors)
        assert interval.low == pytest.approx(strength.value - half)
        assert interval.high == pytest.approx(strength.value + half)


def test_a_row_that_always_wins_is_finite_and_has_an_interval_with_a_width() -> None:
    # Of two rows the strengths are apart by the log odds: log(5.5 / 0.5), half of it each.
    wins = np.zeros((5, 2, 2))
    wins[:, 0, 1] = 1
    best, worst = bradley_terry(wins)
    assert best.value == pytest.approx(math.log(11) / 2)
    assert worst.value == pytest.approx(-math.log(11) / 2)
    assert best.interval is not None
    assert best.interval.low < 0 < best.interval.high
    assert bradley_terry(wins[:1])[0].interval is None


def test_rows_that_never_met_are_placed_by_what_they_met() -> None:
    wins = np.zeros((3, 4, 4))
    wins[:, 0, 1] = wins[:, 2, 3] = 1
    a, b, c, d = (strength.value for strength in bradley_terry(wins))
    assert [a, b] == pytest.approx([c, d])
    assert a > 0 > b


@pytest.mark.parametrize(
    ("wins", "message"),
    [
        (np.zeros((2, 2)), "wins are of clusters, rows and rows"),
        (np.zeros((1, 2, 3)), "wins are of clusters, rows and rows"),
        (np.full((1, 2, 2), np.nan), "below 0 or not finite"),
        (np.full((1, 2, 2), -1.0), "below 0 or not finite"),
    ],
)
def test_what_are_no_wins_is_refused(wins: NDArray[np.float64], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bradley_terry(wins)
