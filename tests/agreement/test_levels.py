"""The three levels: against scipy, and by hand."""

import numpy as np
import pytest
from scipy import stats

from harness.agreement.correlations.draws import draw
from harness.agreement.correlations.layout import layout_of
from harness.agreement.correlations.levels import article_levels, pooled_level, system_level
from tests.agreement.made import grid, judgment

RNG = np.random.default_rng(7)
LAYOUT = grid(articles=6, systems=5)
TRUTH = RNG.integers(0, 5, 30).astype(np.float64)
MEASURE = TRUTH + RNG.normal(0, 1.5, 30)
DRAWS = draw(LAYOUT, count=200)


def test_the_article_level_is_the_mean_of_scipy_s_correlations() -> None:
    (found,) = article_levels(LAYOUT, [MEASURE], [TRUTH], [(0, 0)], DRAWS)
    measure, people = MEASURE.reshape(6, 5), TRUTH.reshape(6, 5)
    for coefficient, function in (
        (found.level.spearman, stats.spearmanr),
        (found.level.kendall, stats.kendalltau),
        (found.level.pearson, stats.pearsonr),
    ):
        by_article = [function(measure[a], people[a]).statistic for a in range(6)]
        assert coefficient.value == pytest.approx(np.mean(by_article))
        assert coefficient.articles is not None
        assert coefficient.articles.low < np.mean(by_article) < coefficient.articles.high
        assert coefficient.both is not None
        width = coefficient.articles.high - coefficient.articles.low
        assert coefficient.both.high - coefficient.both.low > width  # more is drawn
    assert (found.level.n, found.groups) == (6, 6)


def test_groups_that_do_not_differ_are_counted_and_in_no_mean() -> None:
    people = TRUTH.copy()
    measure = MEASURE.copy()
    people[0:5] = 3.0  # the first article: people call all alike
    measure[5:10] = 0.5  # the second: the measure does
    measure[0:5] = 0.5  # what both call alike counts as people's
    (found,) = article_levels(LAYOUT, [measure], [people], [(0, 0)], DRAWS)
    assert (found.groups, found.constant_scores, found.constant_measure) == (6, 1, 1)
    rest = [
        stats.spearmanr(measure[5 * a : 5 * a + 5], people[5 * a : 5 * a + 5]).statistic
        for a in range(2, 6)
    ]
    assert found.level.n == 4
    assert found.level.spearman.value == pytest.approx(np.mean(rest))
    assert np.isnan(found.by_group[:2]).all()


def test_groups_of_two_have_no_correlation() -> None:
    layout = grid(articles=4, systems=2)
    numbers = np.arange(8.0)
    (found,) = article_levels(layout, [numbers], [numbers], [(0, 0)], draw(layout, 10))
    assert (found.groups, found.level.n, found.level.spearman.value) == (0, 0, None)


def test_groups_of_different_size_and_order() -> None:
    """Three texts of one article among others, the systems in another order each time."""
    places = [("a", "s1"), ("b", "s2"), ("a", "s2"), ("b", "s1"), ("a", "s3"), ("b", "s3"), ("b", "s4")]  # fmt: skip
    layout = layout_of([judgment(article, system, {}) for article, system in places])
    measure = np.array([1.0, 5, 2, 6, 3, 7, 8])
    people = np.array([1.0, 1, 2, 2, 3, 4, 3])
    (found,) = article_levels(layout, [measure], [people], [(0, 0)], draw(layout, 10))
    # Of a: 1, 2, 3 against 1, 2, 3. Of b: 5, 6, 7, 8 against 1, 2, 4, 3: 1 - 6 * 2 / (4 * 15).
    assert found.by_group.tolist() == pytest.approx([1.0, 0.8])


def test_the_system_level_is_scipy_s_of_means() -> None:
    found = system_level(LAYOUT, MEASURE, TRUTH, DRAWS)
    means = MEASURE.reshape(6, 5).mean(axis=0), TRUTH.reshape(6, 5).mean(axis=0)
    assert found.n == 5
    assert found.spearman.value == pytest.approx(stats.spearmanr(*means).statistic)
    assert found.kendall.value == pytest.approx(stats.kendalltau(*means).statistic)
    assert found.pearson.value == pytest.approx(stats.pearsonr(*means).statistic)


def test_a_system_that_lacks_articles_has_the_mean_of_what_it_has() -> None:
    kept = np.ones(30, dtype=bool)
    kept[[4, 9, 14]] = False  # the fifth system lacks three articles
    layout = LAYOUT.only(kept)
    found = system_level(layout, MEASURE[kept], TRUTH[kept], draw(layout, 50))
    means = [
        [side[[i for i in range(s, 30, 5) if kept[i]]].mean() for s in range(5)]
        for side in (MEASURE, TRUTH)
    ]
    assert found.pearson.value == pytest.approx(stats.pearsonr(*means).statistic)


def test_three_systems_have_no_order_to_speak_of() -> None:
    layout = grid(articles=5, systems=3)
    numbers = np.arange(15.0)
    found = system_level(layout, numbers, numbers, draw(layout, 10))
    assert (found.n, found.spearman.value, found.kendall.value) == (3, None, None)


def test_texts_without_a_system_are_in_no_system() -> None:
    layout = layout_of(
        [judgment(f"a{a}", f"s{s}" if s else None, {}) for a in range(6) for s in range(5)]
    )
    found = system_level(layout, MEASURE, TRUTH, draw(layout, 50))
    means = MEASURE.reshape(6, 5)[:, 1:].mean(axis=0), TRUTH.reshape(6, 5)[:, 1:].mean(axis=0)
    assert found.n == 4
    assert found.spearman.value == pytest.approx(stats.spearmanr(*means).statistic)
    assert found.spearman.both is None  # who cannot be told apart cannot be drawn


def test_the_pooled_level_is_scipy_s() -> None:
    found = pooled_level(LAYOUT, MEASURE, TRUTH, DRAWS)
    assert found.n == 30
    assert found.spearman.value == pytest.approx(stats.spearmanr(MEASURE, TRUTH).statistic)
    assert found.kendall.value == pytest.approx(stats.kendalltau(MEASURE, TRUTH).statistic)
    assert found.pearson.value == pytest.approx(stats.pearsonr(MEASURE, TRUTH).statistic)
