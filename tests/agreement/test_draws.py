"""The draws of the bootstrap, and how often their intervals hold what is true."""

import numpy as np
import pytest

from harness.agreement.correlations.draws import Draws, draw, interval
from harness.agreement.correlations.layout import layout_of
from harness.agreement.correlations.levels import article_levels, system_level
from harness.agreement.correlations.weighted import Floats
from tests.agreement.made import grid, judgment


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    layout = grid(articles=8, systems=5)
    first, again, other = draw(layout, 50, 1), draw(layout, 50, 1), draw(layout, 50, 2)
    assert first.systems is not None
    assert again.systems is not None
    np.testing.assert_array_equal(first.articles, again.articles)
    np.testing.assert_array_equal(first.systems, again.systems)
    assert (first.articles != other.articles).any()


def test_each_draw_takes_as_many_as_there_are() -> None:
    draws = draw(grid(articles=8, systems=5), 50)
    assert draws.systems is not None
    assert draws.articles.shape == (8, 50)
    assert (draws.articles.sum(axis=0) == 8).all()
    assert (draws.systems.sum(axis=0) == 5).all()


def test_what_a_part_of_a_set_lacks_is_never_drawn() -> None:
    layout = grid(articles=8, systems=5)
    part = layout.only(layout.article < 3)
    draws = draw(part, 50)
    assert (draws.articles[:3].sum(axis=0) == 3).all()
    assert not draws.articles[3:].any()


@pytest.mark.parametrize("systems", [["s"], ["s", "t", "u"], ["s", "t", "u", "v", None]])
def test_few_or_unknown_systems_are_not_drawn(systems: list[str | None]) -> None:
    layout = layout_of([judgment(f"a{a}", system, {}) for a in range(4) for system in systems])
    assert draw(layout, 10).systems is None


def test_batches_are_the_draws_in_parts() -> None:
    draws = draw(grid(articles=4, systems=4), 50)
    parts = list(draws.batches(texts=300_000))  # two million numbers at once: six draws
    assert [part.count for part in parts] == [6] * 8 + [2]
    np.testing.assert_array_equal(np.hstack([part.articles for part in parts]), draws.articles)


def test_an_interval_is_made_of_what_has_a_number() -> None:
    numbers = np.arange(101.0)
    found = interval(numbers)
    assert found is not None
    assert found.low == pytest.approx(2.5)
    assert found.high == pytest.approx(97.5)
    assert found.method == "percentile"
    assert interval(np.where(numbers < 20, np.nan, numbers)) is None  # a fifth has none
    assert interval(np.full(100, 0.5)) is None
    assert interval(np.full(100, np.nan)) is None


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Of the mean correlation within articles, articles drawn from endless many.

    Scores are two normal numbers with a correlation that differs by article; what is true is the
    mean over 20,000 articles. Percentile intervals of 40 articles are a little short: of 300, 95 %
    by a binomial would be 285, and three standard errors below that 274; 264 are 88 %.
    """
    rng = np.random.default_rng(11)

    def made(articles: int) -> tuple[Floats, Floats]:
        share = rng.uniform(0, 0.9, (articles, 1))
        people = rng.normal(size=(articles, 6))
        measure = share * people + np.sqrt(1 - share**2) * rng.normal(size=(articles, 6))
        return measure.ravel(), people.ravel()

    many = grid(articles=20_000, systems=6)
    one = Draws(np.ones((20_000, 2)), None)
    measure, people = made(20_000)
    truth = article_levels(many, [measure], [people], [(0, 0)], one)[0].level.spearman.value
    assert truth is not None
    layout = grid(articles=40, systems=6)
    draws = draw(layout, 400)
    held = 0
    for _ in range(300):
        measure, people = made(40)
        without = Draws(draws.articles, None)
        (found,) = article_levels(layout, [measure], [people], [(0, 0)], without)
        between = found.level.spearman.articles
        assert between is not None
        held += between.low <= truth <= between.high
    assert 264 <= held <= 298


@pytest.mark.slow
def test_intervals_over_systems_too_hold_what_is_true_of_other_systems() -> None:
    """Systems differ by how good they are, which a measure sees with a correlation of 0.6.

    What is true is the mean over 600 sets of 16 systems. Intervals over articles alone say nothing
    of other systems, and hold it about half the time. Of 100, 95 % less three standard errors is 88.
    """
    rng = np.random.default_rng(0)
    layout = grid(articles=30, systems=16)
    draws = draw(layout, 300)

    def made() -> tuple[Floats, Floats]:
        good = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 16)
        texts = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], (30, 16))
        both = good[None] + texts
        return both[:, :, 0].ravel(), both[:, :, 1].ravel()

    once = Draws(np.ones((30, 2)), None)
    truths = []
    for _ in range(600):
        measure, people = made()
        article = article_levels(layout, [measure], [people], [(0, 0)], once)[0].level
        truths.append(
            (article.spearman.value, system_level(layout, measure, people, once).spearman.value)
        )
    article_truth, system_truth = np.array(truths, dtype=np.float64).mean(axis=0)
    held = {"articles": 0, "both": 0, "systems": 0}
    for _ in range(100):
        measure, people = made()
        article = article_levels(layout, [measure], [people], [(0, 0)], draws)[0].level
        system = system_level(layout, measure, people, draws)
        for name, interval_, truth in (
            ("articles", article.spearman.articles, article_truth),
            ("both", article.spearman.both, article_truth),
            ("systems", system.spearman.both, system_truth),
        ):
            assert interval_ is not None
            held[name] += interval_.low <= truth <= interval_.high
    assert held["both"] >= 88
    assert held["systems"] >= 88
    assert held["articles"] < held["both"]
