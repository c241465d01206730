"""Paired tests between measures, by enumeration."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from harness.agreement.correlations.comparing import (
    Subject,
    compare_by_group,
    compare_pooled,
    holm,
)
from harness.agreement.correlations.draws import draw
from harness.agreement.correlations.layout import layout_of
from tests.agreement.made import grid, judgment

SUBJECT = Subject("consistency", None, "article")


def test_the_test_per_article_counts_the_swaps_of_articles() -> None:
    """Five articles with differences of one sign: 2 of 32 patterns are as far off, p = 1/16."""
    layout = grid(articles=5, systems=4)
    better = np.array([0.5, 0.6, 0.4, 0.7, 0.5])
    worse = better - np.array([0.1, 0.2, 0.1, 0.3, 0.2])
    (found,) = compare_by_group(
        SUBJECT, ["a", "b"], [better, worse], np.arange(5), draw(layout, 200)
    )
    assert (found.a, found.b, found.n, found.adjustment) == ("a", "b", 5, "maxt")
    assert found.difference == pytest.approx(0.18)
    assert found.p == found.p_adjusted == 1 / 16
    assert found.interval is not None
    assert 0 < found.interval.low < 0.18 < found.interval.high


def test_groups_in_which_one_has_no_number_are_left_out() -> None:
    layout = grid(articles=5, systems=4)
    left = np.array([0.5, np.nan, 0.4, 0.7, 0.5])
    right = np.array([0.4, 0.3, np.nan, 0.5, 0.4])
    alike = left.copy()
    found = compare_by_group(
        SUBJECT, ["a", "b", "c"], [left, right, alike], np.arange(5), draw(layout, 50)
    )
    by_pair = {(comparison.a, comparison.b): comparison for comparison in found}
    assert by_pair["a", "b"].n == 3
    assert by_pair["a", "b"].difference == pytest.approx((0.1 + 0.2 + 0.1) / 3)
    assert by_pair["a", "b"].p == 2 / 8
    assert by_pair["a", "c"].difference == 0
    assert by_pair["a", "c"].p == by_pair["a", "c"].p_adjusted == 1
    assert by_pair["a", "c"].interval is None


def test_groups_of_one_article_change_places_together() -> None:
    """Ten groups of two articles: there are four patterns, and two of them are as far off."""
    better = np.full(10, 0.5)
    article = np.repeat([0, 1], 5)
    layout = layout_of([judgment(f"a{a}", None, {}) for a in range(2)])
    (found,) = compare_by_group(
        SUBJECT, ["a", "b"], [better, better - 0.2], article, draw(layout, 20)
    )
    assert found.p == 2 / 4


def test_nothing_to_compare_is_no_comparison() -> None:
    layout = grid(articles=3, systems=4)
    nothing = np.full(3, np.nan)
    assert compare_by_group(SUBJECT, ["a", "b"], [nothing, nothing], np.arange(3), draw(layout, 9)) == []  # fmt: skip


def test_the_pooled_test_counts_the_swaps_of_ranks() -> None:
    """Against all 2 ** 8 patterns, each correlation computed by scipy."""
    rng = np.random.default_rng(2)
    people = rng.integers(0, 4, 8).astype(np.float64)
    near, far = people + rng.normal(0, 0.7, 8), 100 * rng.normal(size=8)
    layout = layout_of([judgment(f"a{a}", "s", {}) for a in range(8)])
    (found,) = compare_pooled(
        Subject("x", None, "pooled"),
        ["near", "far"],
        [near, far],
        people,
        layout,
        draw(layout, 200),
    )
    ranks = [stats.rankdata(side) for side in (near, far)]
    target = stats.rankdata(people)

    def difference(pattern: tuple[bool, ...]) -> float:
        first, second = np.where(pattern, ranks[1], ranks[0]), np.where(pattern, *ranks)
        pair = [stats.pearsonr(side, target).statistic for side in (first, second)]
        return float(pair[0] - pair[1])

    observed = stats.spearmanr(near, people).statistic - stats.spearmanr(far, people).statistic
    assert found.difference == pytest.approx(observed)
    reached = [
        abs(difference(pattern)) >= abs(observed) - 1e-9
        for pattern in product((False, True), repeat=8)
    ]
    # 9,999 patterns are drawn: four standard errors of a share.
    assert found.p == pytest.approx(np.mean(reached), abs=4 * 0.5 / 9_999**0.5)
    assert (found.n, found.level, found.adjustment) == (8, "pooled", "holm")


def test_holm_by_hand() -> None:
    """0.01 * 4; 0.02 * 3; then 0.03 * 2 and 0.5 * 1, none below the one before it, none above 1."""
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
