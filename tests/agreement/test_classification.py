"""Accuracy and the area under the curve, by hand and against scipy."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from harness.agreement.correlations.classification import accuracy, areas
from harness.agreement.correlations.draws import draw
from harness.agreement.correlations.layout import layout_of
from tests.agreement.made import judgment


def test_accuracy_by_hand() -> None:
    """Said: yes, yes, no, yes at 0.5. People: yes, no, yes, yes: two of four.

    Of three right answers two are found, of one wrong answer none: balanced (2/3 + 0) / 2.
    """
    layout = layout_of([judgment(f"q{q}", "s", {}) for q in range(4)])
    found = accuracy(
        np.array([0.5, 0.9, 0.4, 1.0]), np.array([1.0, 0, 1, 1]), 0.5, layout, draw(layout, 100)
    )
    assert (found.value, found.always) == (0.5, 0.75)
    assert found.balanced == pytest.approx(1 / 3)
    assert (found.false_right, found.false_wrong) == (1, 1)
    assert found.interval is not None
    assert found.interval.low < 0.5 < found.interval.high


def test_the_area_by_hand() -> None:
    """Right 0.9, 0.5; wrong 0.5, 0.1: of four pairs three above and one a tie."""
    found = areas(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1, 0, 0]), np.ones((4, 1)))
    assert found.tolist() == [3.5 / 4]


def test_the_area_is_mann_and_whitney_s() -> None:
    rng = np.random.default_rng(4)
    measure, people = rng.integers(0, 6, 60) / 5, rng.integers(0, 2, 60).astype(np.float64)
    weights = rng.integers(0, 3, (60, 3)).astype(np.float64)
    found = areas(measure, people, weights)
    for draw_number in range(3):
        times = weights[:, draw_number].astype(int)
        right = np.repeat(measure[people == 1], times[people == 1])
        wrong = np.repeat(measure[people == 0], times[people == 0])
        expected = mannwhitneyu(right, wrong).statistic / (len(right) * len(wrong))
        assert found[draw_number] == pytest.approx(expected)


def test_without_right_or_wrong_there_is_no_area() -> None:
    assert np.isnan(areas(np.array([0.1, 0.9]), np.array([1.0, 1.0]), np.ones((2, 1)))).all()
