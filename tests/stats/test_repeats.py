import math

import numpy as np
import pytest
import scipy.stats

from harness.stats import (
    NestedVariance,
    cluster_sums,
    nested_variance,
    repeat_variance,
    variance_components,
)
from harness.stats.clusters import Floats


@pytest.mark.parametrize(
    ("examples", "within", "between"),
    [
        # Means 1/2, 1, 0: SSW = 1/2 over 6 - 3; SSB = 2 (0 + 1/4 + 1/4) = 1, so MSB = 1/2 and
        # (1/2 - 1/6) / 2 = 1/6.
        ([[1, 0], [1, 1], [0, 0]], 1 / 6, 1 / 6),
        # Means 2/3 and 0 about 1/2: SSW = 2/3 over 4 - 2; MSB = 3/36 + 1/4 = 1/3, no more.
        ([[1, 0, 1], [0]], 1 / 3, 0),
        # Nothing within; MSB = 3/16 + 9/16 = 3/4; k_0 = (4 - 10/4) / 1 = 3/2.
        ([[1, 1, 1], [0]], 0, 1 / 2),
        # An example that failed each time is in neither.
        ([[1, 0], [], [1, 1], [0, 0]], 1 / 6, 1 / 6),
        # MSB = 2 (4/25 + ...): means 0.9 and 0.1 about 0.5, 2 * 0.16 * 2 = 0.64; SSW = 4 * 0.01.
        ([[1.0, 0.8], [0.2, 0.0]], 0.02, 0.31),
    ],
)
def test_variance_within_and_between_examples(
    examples: list[list[float]], within: float, between: float
) -> None:
    counts = [len(scores) for scores in examples]
    variance = repeat_variance([score for scores in examples for score in scores], counts)
    assert variance.within == pytest.approx(within, abs=1e-15)
    assert variance.between == pytest.approx(between, abs=1e-15)


def test_the_f_of_both_is_scipy_s() -> None:
    """With k repeats each F = MSB / MSW = 1 + k * between / within, where that is above 1."""
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(40, 1)) + rng.normal(size=(40, 4)) / 2
    variance = repeat_variance(scores.ravel(), [4] * 40)
    assert variance.within is not None
    assert variance.between is not None
    f = scipy.stats.f_oneway(*scores).statistic
    assert 1 + 4 * variance.between / variance.within == pytest.approx(f)


@pytest.mark.parametrize(("scores", "counts"), [([1, 0], [1, 1]), ([], []), ([1], [1, 0])])
def test_without_a_second_score_nothing_can_be_told(scores: list[float], counts: list[int]) -> None:
    variance = repeat_variance(scores, counts)
    assert (variance.within, variance.between) == (None, None)


def test_of_one_example_there_is_no_between() -> None:
    variance = repeat_variance([1, 0], [2])
    assert (variance.within, variance.between) == (0.5, None)


def test_counts_must_fit() -> None:
    with pytest.raises(ValueError, match="counts of 3 scores do not fit 2"):
        repeat_variance([1, 0], [3])


# Two articles, two examples each, means over 2 repeats that vary by 0.1 from one to the next.
MEANS, ARTICLES = [1.0, 0.5, 0.5, 0.0], ["a", "a", "b", "b"]


def test_where_the_variance_comes_from() -> None:
    """Article means 3/4 and 1/4: MSB = 1/4; within them SS = 1/4 over 2 = 1/8.

    So articles have (1/4 - 1/8) / 2 = 1/16, and of the 1/8 the repeats have 0.1 / 2.
    """
    spread = nested_variance(MEANS, ARTICLES, within=0.1, repeats=2)
    assert spread.article == pytest.approx(1 / 16)
    assert spread.example == pytest.approx(1 / 8 - 0.05)
    assert (spread.repeat, spread.per_article, spread.articles, spread.repeats) == (0.1, 2, 2, 2)


def test_what_repeats_and_articles_would_bring() -> None:
    """Now (1/16 + (0.075 + 0.05) / 2) / 2 = 1/16; endless repeats (1/16 + 0.0375) / 2 = 0.05."""
    spread = nested_variance(MEANS, ARTICLES, within=0.1, repeats=2)
    assert spread.standard_error() == pytest.approx(0.25)
    assert spread.standard_error() == pytest.approx(
        float(cluster_sums(MEANS, ARTICLES).standard_errors()[0])
    )
    assert spread.standard_error(repeats=1) == pytest.approx(math.sqrt((1 / 16 + 0.0875) / 2))
    assert spread.standard_error(repeats=4) == pytest.approx(math.sqrt((1 / 16 + 0.05) / 2))
    assert spread.standard_error(articles=4) == pytest.approx(math.sqrt(1 / 32))
    assert spread.standard_error(articles=8, repeats=4) == pytest.approx(math.sqrt(0.1125 / 8))
    assert spread.least_standard_error == pytest.approx(math.sqrt(0.05))
    assert spread.articles_like_endless_repeats() == 3  # 2 * (1/16) / 0.05 = 2.5


def test_with_one_example_an_article_the_repeats_are_taken_off_the_articles() -> None:
    """The variance of 1, 0, 0, 1 is 1/3; 0.2 / 2 of it are the repeats'."""
    spread = nested_variance([1, 0, 0, 1], list("abcd"), within=0.2, repeats=2)
    assert spread.article == pytest.approx(1 / 3 - 0.1)
    assert spread.example == 0
    assert spread.standard_error() == pytest.approx(math.sqrt((1 / 3) / 4))


def test_where_all_is_noise_no_number_of_articles_does_it() -> None:
    spread = NestedVariance(0, 0, 0.2, per_article=1, articles=4, repeats=2)
    with pytest.raises(ValueError, match="all variance is of repeats"):
        spread.articles_like_endless_repeats()


@pytest.mark.slow
def test_the_parts_are_found_again_and_predict_the_error() -> None:
    """Suites of 60 articles with 5 questions, asked 3 times, of known parts 0.04, 0.09, 0.25.

    The mean of the estimates is theirs, and the error predicted for 6 repeats from 3 is the one
    that suites with 6 repeats have.
    """
    rng = np.random.default_rng(11)
    true = np.array([0.04, 0.09, 0.25])

    def suite(repeats: int) -> Floats:
        a, e, r = np.sqrt(true).tolist()
        scores: Floats = rng.normal(size=(60, 1, 1)) * a + rng.normal(size=(60, 5, 1)) * e
        noise: Floats = rng.normal(size=(60, 5, repeats)) * r
        return np.add(scores, noise, dtype=np.float64)

    names = np.repeat(np.arange(60), 5)
    found, errors = [], []
    for _ in range(400):
        scores = suite(3)
        within = repeat_variance(scores.ravel(), [3] * 300).within
        assert within is not None
        spread = nested_variance(scores.mean(axis=2).ravel(), names, within, 3)
        assert variance_components(scores.mean(axis=2).ravel(), names).clusters == 60
        found.append([spread.article, spread.example, spread.repeat])
        errors.append(spread.standard_error(repeats=6) ** 2)
    np.testing.assert_allclose(np.mean(found, axis=0), true, rtol=0.05)
    means = [suite(6).mean() for _ in range(4000)]
    assert np.mean(errors) == pytest.approx(np.var(means), rel=0.1)
