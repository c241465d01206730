from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray

from harness.stats import JointSpread, TablePower, VarianceComponents, joint_spread
from harness.stats.planning.joint_spread import _shrunken_correlation
from harness.stats.planning.table_power import SIMULATED_ARTICLES, _planned_p
from harness.stats.signflip import sign_flip_test


def _independent(rows: int, sd: float, correlation: float = 1.0, size: float = 1.0) -> TablePower:
    """Return the power of rows that spread alike and apart from each other, on 100 articles."""
    spread = JointSpread(
        factor=np.eye(rows) / 2**0.5,
        pairs=list(combinations(range(rows), 2)),
        planned=0,
        components=VarianceComponents(sd, correlation, size, 100),
        sizes=np.full(100, size),
    )
    return TablePower(spread)


def test_two_rows_need_g_power_s_34_articles() -> None:
    """G*Power's paired t test at 80 %, 5 % two-sided: an effect of 0.5 needs 34 pairs.

    The sign flips have nearly the power of t; 2,000 simulated suites err by 0.9 % of power, half an
    article here.
    """
    planned = _independent(2, sd=1.0)
    assert planned.articles_needed(0.5) == pytest.approx(34, abs=2)
    power = planned.power(34, 0.5)
    assert power.error is not None
    assert power.error == pytest.approx((0.8 * 0.2 / 2000) ** 0.5, rel=0.1)
    assert power.value == pytest.approx(0.8, abs=3 * power.error)


def test_many_articles_are_t_s() -> None:
    """An effect of 0.2: as scipy's noncentral t has it, but for the critical value's simulation."""
    for articles, enough in ((198, False), (199, True)):  # G*Power's too
        critical = scipy.stats.t.ppf(0.975, articles - 1)
        power = scipy.stats.nct.sf(critical, articles - 1, 0.2 * articles**0.5)
        assert bool(power >= 0.8) is enough
    planned = _independent(2, sd=1.0)
    assert planned.articles_needed(0.2) == pytest.approx(199, rel=0.02)
    assert planned.power(199, 0.2).error is None


@pytest.mark.parametrize("rows", [3, 5, 20])
def test_the_critical_value_of_rows_apart_is_tukey_s(rows: int) -> None:
    """The greatest of all differences of k independent rows: q(0.95; k, infinity) / sqrt(2)."""
    tukey = float(scipy.stats.studentized_range.ppf(0.95, rows, np.inf)) / 2**0.5
    assert _independent(rows, sd=1.0).critical_value == pytest.approx(tukey, abs=0.03)


@pytest.mark.parametrize("articles", [48, SIMULATED_ARTICLES])
def test_where_the_formula_takes_over_it_says_what_the_simulation_says(articles: int) -> None:
    for rows in (2, 5, 12):
        planned = _independent(rows, sd=1.0)
        difference = (planned.critical_value + 0.84) / articles**0.5
        simulated = planned.power(articles, difference)
        assert simulated.error is not None
        formula = planned._by_formula(articles, difference)
        assert formula == pytest.approx(simulated.value, abs=3 * simulated.error + 0.01)


@pytest.mark.parametrize("articles", [6, 7, 9])
def test_the_p_is_that_of_the_table(articles: int) -> None:
    """All patterns of up to nine articles: the planned pair's p is `sign_flip_test`'s."""
    rng = np.random.default_rng(articles)
    sums = rng.normal(size=(40, 4, articles)) + np.array([0.8, -0.8, 0.0, 0.0])[:, None]
    left, right = np.array(list(combinations(range(4), 2)), dtype=np.intp).T
    bits = np.arange(2 ** (articles - 1))[:, None] >> np.arange(articles) & 1
    patterns = (1 - 2 * bits).astype(np.float32)
    for planned in (0, 3, 5):
        p = _planned_p(sums.astype(np.float32), patterns, left, right, planned)
        expected = [sign_flip_test(suite, left, right).adjusted_p[planned] for suite in sums]
        assert p.tolist() == pytest.approx(expected, abs=1e-12)


def test_fewer_than_six_articles_are_never_enough() -> None:
    """2 / 2 ** 5 = 0.0625 > 0.05, so an exact test of five articles finds nothing."""
    planned = _independent(4, sd=0.001)
    assert planned.articles_needed(0.9) == 6
    assert planned.power(5, 0.9).value == 0
    assert planned.minimum_difference(5) is None


def test_where_no_sign_but_one_counts_nothing_is_shown() -> None:
    """All patterns are alike but for a millionth: each reaches what is observed, however large."""
    sizes = np.array([1e7] + [1.0] * 7)
    components = VarianceComponents(0.2, 0.5, sizes.mean(), 8)
    spread = JointSpread(np.eye(3) / 2**0.5, list(combinations(range(3), 2)), 0, components, sizes)
    assert TablePower(spread).minimum_difference(8) is None


def test_more_rows_need_more_articles() -> None:
    needed = [_independent(rows, sd=1.0).articles_needed(0.5) for rows in (2, 4, 8, 16)]
    assert needed == sorted(set(needed))


def test_questions_that_stand_or_fall_together_count_once() -> None:
    """Design effect 1 + (5 - 1) * 0.25 = 2: an sd of 1 over 5 questions is one of sqrt(2 / 5)."""
    together = _independent(3, sd=1.0, correlation=0.25, size=5.0)
    alone = _independent(3, sd=(2 / 5) ** 0.5)
    assert together.articles_needed(0.3) == alone.articles_needed(0.3)
    assert together.minimum_difference(20) == pytest.approx(alone.minimum_difference(20))


def test_questions_needed_undo_the_design_effect() -> None:
    """Where 0.1 is shown now, 0.05 needs a quarter of the variance, of which articles keep theirs.

    Of m questions 0.25 * (0.01 + 0.99 / m) is the variance of a mean, sd 0.5. With 20 it is 0.0149,
    a quarter 0.0037; articles have 0.0025, so 0.2475 / m <= 0.001219, and m is 203.1 or more.
    """
    planned = _independent(3, sd=0.5, correlation=0.01, size=20.0)
    assert planned.questions_needed(0.05, 30, 0.1) == 204
    assert planned.questions_needed(0.1, 30, 0.1) == 20
    assert planned.questions_needed(0.04, 30, 0.1) is None  # 0.16 * 0.0149 < 0.0025


@pytest.mark.parametrize("difference", [0.0, -0.1, float("nan")])
def test_a_difference_must_be_one(difference: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        _independent(2, sd=1.0).articles_needed(difference)


def test_what_no_suite_shows_is_refused() -> None:
    with pytest.raises(ValueError, match="no suite can be large enough"):
        _independent(2, sd=1.0).articles_needed(1e-9)
    low, high = _independent(2, sd=1.0).articles_interval(0.00095)
    assert low < 10_000_000
    assert high is None


def test_the_interval_of_articles_is_that_of_a_variance() -> None:
    """Of 100 articles: R's qchisq(c(.025, .975), 99) is 73.36 and 128.42, so 0.77 to 1.35 of it."""
    planned = _independent(2, sd=1.0)
    low, high = planned.articles_interval(0.05)
    needed = planned.articles_needed(0.05)
    assert high is not None
    assert low / needed == pytest.approx(99 / 128.42, rel=0.01)
    assert high / needed == pytest.approx(99 / 73.36, rel=0.01)


def _means(rows: int, articles: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(rows, articles))


def test_the_shrunken_correlations_are_those_of_schaefer_and_strimmer() -> None:
    """Their definitions written out: w_kij = x_ki x_kj, r_ij = n / (n - 1) * mean w, and so on."""
    values = _means(3, 6, seed=1)
    n = 6
    x = scipy.stats.zscore(values, axis=1, ddof=1)
    above = below = 0.0
    for i in range(3):
        for j in range(3):
            if i != j:
                w = x[i] * x[j]
                above += n / (n - 1) ** 3 * ((w - w.mean()) ** 2).sum()
                below += (n / (n - 1) * w.mean()) ** 2
    share = min(1.0, above / below)
    expected = np.corrcoef(values) * (1 - share) + share * np.eye(3)
    assert _shrunken_correlation(values) == pytest.approx(expected)


def test_few_articles_do_not_make_rows_go_together() -> None:
    """Of 5 articles all differences lie in 4 dimensions, where none of all is above chi(4)'s 3.08.

    20 rows apart have Tukey's 3.54, which a run of many articles shows, and of few nearly.
    """
    tukey = float(scipy.stats.studentized_range.ppf(0.95, 20, np.inf)) / 2**0.5
    pairs = list(combinations(range(20), 2))
    for articles, tolerance in ((5, 0.25), (2000, 0.05)):
        components = VarianceComponents(1.0, 1.0, 1.0, articles)
        means = _means(20, articles, seed=articles)
        spread = joint_spread(means, pairs, 7, components, np.ones(articles))
        assert TablePower(spread).critical_value == pytest.approx(tukey, abs=tolerance)
        a, b = pairs[7]
        assert np.linalg.norm(spread.factor[a] - spread.factor[b]) == pytest.approx(1)


def test_what_all_rows_share_is_in_no_difference() -> None:
    pairs = list(combinations(range(4), 2))
    components = VarianceComponents(1.0, 1.0, 1.0, 12)
    means = _means(4, 12, seed=3)
    ease = 10 * _means(1, 12, seed=4)
    apart, together = (
        joint_spread(values, pairs, 2, components, np.ones(12)) for values in (means, means + ease)
    )
    for spread in (apart, together):
        assert spread.factor @ spread.factor.T == pytest.approx(apart.factor @ apart.factor.T)
