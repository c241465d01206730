"""How often the gate errs, on made-up runs whose true loss is known: `decide` itself, not its rule.

Bounds are binomial: a right rate lies outside of them in less than 1 of 1,000 tests.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray

from harness.compare.pairs import PairedScores, paired_scores
from harness.gate.decision import Outcome, decide
from harness.gate.standards import Standard
from harness.metrics.declaration import SHARE
from harness.stats import compare

pytestmark = pytest.mark.slow

Scores: TypeAlias = NDArray[np.float64]
Recorder: TypeAlias = Callable[[str, object], None]

RUNS = 2000
REGRESSION = Standard("regression", 0.0)
# How much one summary's score moves between two runs: 20 points, which is much.
SPREAD = 0.2


def _answers(
    rng: np.random.Generator, articles: int, questions: int, loss: float
) -> tuple[Scores, Scores]:
    """Return right and wrong answers of two runs, (articles, questions), drawn anew in each.

    An article's chance is drawn from a beta distribution of mean 0.75 and intra-cluster correlation
    0.2 (Skellam 1948). Of the right ones of the head so many are taken that it loses `loss`.
    """
    chance = rng.beta(3.0, 1.0, (articles, 1))  # a + b = 1 / 0.2 - 1
    base = rng.random((articles, questions)) < chance
    kept = rng.random((articles, questions)) >= loss / 0.75
    head = (rng.random((articles, questions)) < chance) & kept
    return base.astype(np.float64), head.astype(np.float64)


def _summaries(rng: np.random.Generator, articles: int, loss: float) -> tuple[Scores, Scores]:
    """Return one score an article, (articles, 1), whose changes are normal."""
    base = rng.uniform(0.4, 0.6, (articles, 1))
    return base, base - loss + rng.normal(0.0, SPREAD, (articles, 1))


def _paired(base: Scores, head: Scores) -> PairedScores:
    articles = np.repeat(np.arange(len(base)), base.shape[1])
    comparison = compare(head.ravel(), base.ravel(), articles)
    return paired_scores(base.ravel().tolist(), head.ravel().tolist(), comparison)


def _rate(outcome: Outcome, standard: Standard, make: Callable[[], tuple[Scores, Scores]]) -> float:
    outcomes = [decide(_paired(*make()), standard, SHARE).outcome for _ in range(RUNS)]
    return outcomes.count(outcome) / RUNS


def _bounds(rate: float) -> tuple[float, float]:
    low, high = scipy.stats.binom.ppf([0.0005, 0.9995], RUNS, rate) / RUNS
    return float(low), float(high)


@pytest.mark.parametrize(("articles", "questions"), [(5, 6), (10, 6), (5, 26)])
def test_where_nothing_is_lost_five_in_a_hundred_rows_fail(
    articles: int, questions: int, record_property: Recorder
) -> None:
    rng = np.random.default_rng(articles + questions)
    rate = _rate("failed", REGRESSION, lambda: _answers(rng, articles, questions, 0.0))
    record_property("fails without a loss", rate)
    assert rate <= _bounds(0.05)[1]


def test_a_loss_of_ten_points_passes_less_often_than_by_a_two_sided_interval(
    record_property: Recorder,
) -> None:
    """Five articles that spread by 20 points: the whole 95 % interval lies below 0 in 16 %.

    Both rates are those of the noncentral t: of 4 degrees of freedom, and 0.1 * sqrt(5) / 0.2.
    """
    rng = np.random.default_rng(1)
    failed = below = 0
    for _ in range(RUNS):
        scores = _paired(*_summaries(rng, 5, 0.1))
        failed += decide(scores, REGRESSION, SHARE).outcome == "failed"
        below += scores.interval is not None and scores.interval.high < 0
    record_property("fails", failed / RUNS)
    record_property("two-sided", below / RUNS)
    far = scipy.stats.nct(4, 0.1 * 5**0.5 / SPREAD)
    for count, quantile in ((failed, 0.95), (below, 0.975)):
        rate = float(far.sf(scipy.stats.t.ppf(quantile, 4)))
        low, high = _bounds(rate)
        assert low <= count / RUNS <= high
    assert (failed - below) / RUNS > 0.05


@pytest.mark.parametrize("articles", [5, 10])
def test_what_could_have_been_shown_is_shown_four_times_of_five(articles: int) -> None:
    """A loss of as many true standard errors as `detectable_loss` has of the seen ones."""
    rng = np.random.default_rng(articles)
    probe = _paired(*_summaries(rng, articles, -0.1))
    detectable = decide(probe, REGRESSION, SHARE).detectable_loss
    assert detectable is not None
    assert probe.standard_error is not None
    loss = detectable / probe.standard_error * SPREAD / articles**0.5
    rate = _rate("failed", REGRESSION, lambda: _summaries(rng, articles, loss))
    low, high = _bounds(0.8)
    assert low <= rate <= high


@pytest.mark.parametrize(("articles", "questions"), [(5, 6), (10, 6), (5, 26)])
def test_a_loss_as_large_as_the_margin_passes_five_times_in_a_hundred(
    articles: int, questions: int, record_property: Recorder
) -> None:
    rng = np.random.default_rng(articles * questions)
    standard = Standard("non-inferiority", 0.1)
    rate = _rate("passed", standard, lambda: _answers(rng, articles, questions, 0.1))
    record_property("passes at the margin", rate)
    assert rate <= _bounds(0.05)[1]


def test_where_losses_are_rare_and_nothing_is_gained_more_pass(record_property: Recorder) -> None:
    """What the page warns of: no symmetric error, which Student's t asks for.

    Five articles with six questions that all were right; each is lost with a probability of 5 %.
    None is in 0.95 ** 30 = 21 %, and then there is nothing to weigh.
    """
    rng = np.random.default_rng(3)

    def rare() -> tuple[Scores, Scores]:
        return np.ones((5, 6)), (rng.random((5, 6)) >= 0.05).astype(np.float64)

    rate = _rate("passed", Standard("non-inferiority", 0.05), rare)
    record_property("rare losses pass", rate)
    low, high = _bounds(0.95**30)
    assert low <= rate <= high
