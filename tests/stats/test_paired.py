from itertools import combinations, product

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray

from harness.stats import Rank, compare, compare_all, ranks, rows_beaten, smallest_p
from harness.stats.signflip import sign_flip_test

CLUSTERS = np.array([0] * 5 + [1] * 2 + [2] * 6 + [3] * 3 + [4] * 7 + [5] + [6] * 4)
A, B = np.random.default_rng(3).beta(3, 2, (2, len(CLUSTERS)))


def test_alone_the_difference_is_scipy_s_paired_t_interval() -> None:
    made = compare(A, B, np.arange(len(A)))
    expected = scipy.stats.ttest_rel(A, B).confidence_interval(0.95)
    assert made.interval is not None
    assert (made.interval.low, made.interval.high) == pytest.approx(tuple(expected), rel=1e-12)
    assert made.difference == pytest.approx(A.mean() - B.mean())


@pytest.mark.parametrize("seed", range(5))
def test_p_is_scipy_s_permutation_test_enumerated(seed: int) -> None:
    """scipy's "samples" swaps a cluster's two sums, which is to flip its difference."""
    a, b = np.random.default_rng(seed).integers(0, 4, (2, len(CLUSTERS))) / 3
    sums = [[s[g == CLUSTERS].sum() for g in range(7)] for s in (a, b)]
    expected = scipy.stats.permutation_test(
        sums,
        lambda x, y, axis=-1: (x.sum(axis=axis) - y.sum(axis=axis)) / len(CLUSTERS),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert compare(a, b, CLUSTERS).p == pytest.approx(expected.pvalue, rel=1e-12)


def test_p_is_fisher_s_of_darwin_s_maize() -> None:
    """Fisher (1935), "The Design of Experiments", section 21: 15 pairs of plants, in 1/8 inch.

    Of 2 ** 15 patterns 835 have a greater sum and 28 the same one: both tails are 2 * 863.
    """
    darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert compare(darwin, [0] * 15, range(15)).p == 2 * (835 + 28) / 2**15


def test_p_is_ranx_s_but_for_what_rounding_loses_it() -> None:
    """ranx 0.3.21, fisher_randomization_test with 1,000,000 draws and seed 42: 0.012725.

    54 of the 4,096 patterns differ at least as much as these systems do, two of them being the
    observed one and its mirror. ranx sums anew and misses those two by rounding: 52 / 4,096, from
    which its figure is 0.3 standard errors of so many draws away, and from 54 / 4,096 4 of them.
    """
    a = [
        0.6113,
        0.4427,
        0.5201,
        0.7344,
        0.3592,
        0.5809,
        0.4931,
        0.6675,
        0.7166,
        0.4018,
        0.5553,
        0.6387,
    ]
    b = [
        0.5571,
        0.4762,
        0.4189,
        0.7031,
        0.3627,
        0.4938,
        0.4555,
        0.6012,
        0.6649,
        0.4373,
        0.5024,
        0.5246,
    ]
    p = compare(a, b, range(12)).p
    assert p == 54 / 4096
    error = (p * (1 - p) / 1_000_000) ** 0.5
    assert abs(p - 2 / 4096 - 0.012725) < error


def test_p_by_hand_with_ties() -> None:
    """Differences by cluster 2, 1, -1: of 8 patterns, |sum| >= 2 in those below: p = 6/8.

    |2+1-1| = 2; |2+1+1| = 4; |2-1-1| = 0; |2-1+1| = 2; and the four of opposite sign.
    """
    assert sum(abs(2 * i + j - k) >= 2 for i, j, k in product((1, -1), repeat=3)) == 6
    assert compare([1, 1, 1, 0], [0, 0, 0, 1], ["a", "a", "b", "c"]).p == 6 / 8


@pytest.mark.parametrize("articles", [5, 16, 40])
def test_identical_predictions_have_p_1(articles: int) -> None:
    scores = np.random.default_rng(3).random(3 * articles)
    made = compare(scores, scores.copy(), np.repeat(range(articles), 3))
    assert (made.p, made.p_adjusted, made.difference) == (1.0, 1.0, 0.0)
    assert (made.wins, made.ties, made.losses) == (0, 3 * articles, 0)
    assert made.interval is not None
    assert (made.interval.low, made.interval.high, made.interval.method) == (0, 0, "identical")


@pytest.mark.parametrize(("articles", "least"), [(1, 1), (2, 0.5), (5, 0.0625), (6, 0.03125)])
def test_the_smallest_p_is_2_of_all_patterns(articles: int, least: float) -> None:
    made = compare(np.ones(articles), np.zeros(articles), range(articles))
    assert made.p == least == smallest_p(articles)


def test_rounding_does_not_break_a_tie() -> None:
    """0.1 + 0.2 and 0.3 are one score: the clusters' differences cancel, so p is 1."""
    made = compare([0.1 + 0.2, 0.5, 0.1], [0.3, 0.1, 0.5], ["a", "b", "c"])
    assert made.p == 1.0
    assert (made.wins, made.ties, made.losses) == (1, 1, 1)


def test_few_clusters_that_differ_among_many_are_enumerated() -> None:
    """Of 30 articles three differ, one way: the 27 others change no pattern, so p = 2/8."""
    better = np.zeros(30)
    better[:3] = 0.5
    assert compare(better, np.zeros(30), range(30)).p == 0.25


def test_many_clusters_are_drawn_near_scipy_s_and_seeded() -> None:
    rng = np.random.default_rng(3)
    a = rng.random(60)
    b = np.clip(a - 0.03 + 0.2 * rng.standard_normal(60), 0, 1)
    expected = scipy.stats.permutation_test(
        (a, b), lambda x, y, axis=-1: (x - y).mean(axis=axis), permutation_type="samples",
        n_resamples=99_999, vectorized=True, batch=5000, rng=np.random.default_rng(5),
    ).pvalue  # fmt: skip
    made = compare(a, b, range(60))
    four_errors = 4 * (expected * (1 - expected) / 9_999) ** 0.5
    assert made.p == pytest.approx(expected, abs=four_errors)
    assert made.p == compare(a, b, range(60)).p
    assert made.p * 10_000 == pytest.approx(round(made.p * 10_000))  # (c + 1) / (B + 1)


def test_no_p_is_0() -> None:
    assert compare(np.ones(40), np.zeros(40), range(40)).p == 1 / 10_000


def test_all_pairs_are_each_pair() -> None:
    scores = np.random.default_rng(3).random((4, len(CLUSTERS)))
    made = compare_all(scores, CLUSTERS)
    assert [(one.a, one.b) for one in made] == list(combinations(range(4), 2))
    alone = [compare(scores[one.a], scores[one.b], CLUSTERS) for one in made]
    for one, other in zip(made, alone, strict=True):
        assert one.difference == pytest.approx(other.difference)
        assert (one.p, one.wins, one.losses) == (other.p, other.wins, other.losses)


def _by_definition(sums: NDArray[np.float64]) -> list[float]:
    """Step-down maxT as Romano & Wolf (2005) write it, with scipy's t of each flip of each pair.

    Of the pairs not yet gone through, the one of the greatest |t| has as p the share of all flips
    in which any of them has as great a one; and no p is below an earlier one.
    """
    pairs = list(combinations(range(len(sums)), 2))
    gaps = np.array([sums[a] - sums[b] for a, b in pairs])
    signs = np.array(list(product((1, -1), repeat=sums.shape[1])))
    flipped = np.abs(scipy.stats.ttest_1samp(signs[:, None, :] * gaps, 0, axis=2).statistic)
    left, adjusted, least = set(range(len(pairs))), [0.0] * len(pairs), 0.0
    while left:
        first = max(left, key=lambda pair: flipped[0, pair])
        reached = (flipped[:, sorted(left)].max(axis=1) >= flipped[0, first] - 1e-9).mean()
        adjusted[first] = least = max(least, float(reached))
        left.remove(first)
    return adjusted


@pytest.mark.parametrize("seed", range(4))
def test_adjusted_p_is_step_down_maxt_by_definition(seed: int) -> None:
    sums = np.random.default_rng(seed).random((4, 8)) + np.arange(4)[:, None] / 8
    made = compare_all(sums, range(8))
    assert [one.p_adjusted for one in made] == pytest.approx(_by_definition(sums))
    assert {one.adjustment for one in made} == {"maxt exact"}


def test_adjusted_p_by_hand() -> None:
    """Three articles: a - b is 1, 1, 1 and a - c is 2, 2, -1, so b - c is 1, 1, -2.

    The statistic is |sum| / sqrt(sum of squares): 3 / sqrt(3) = 1.73; 3 / 3 = 1; 0 / sqrt(6) = 0.
    Flips (the first sign stays plus) +++ ++- +-+ +--: of a - b 1.73, 0.58, 0.58, 0.58; of a - c
    1, 1.67, 0.33, 0.33; of b - c 0, 1.63, 0.82, 0.82. So a - b: any reaches 1.73 in 1 of 4. Then
    a - c: it or b - c reaches 1 in 2 of 4. Then b - c: reaches 0 in 4 of 4.
    """
    made = compare_all([[4, 4, 4], [3, 3, 3], [2, 2, 5]], range(3))
    assert [(one.a, one.b, one.p_adjusted) for one in made] == [
        (0, 1, 1 / 4), (0, 2, 2 / 4), (1, 2, 1.0),
    ]  # fmt: skip


def test_drawn_adjusted_p_is_near_the_enumerated_one_and_seeded() -> None:
    """14 articles are enumerated; with 3 more, on which the rows hardly differ, flips are drawn."""
    sums = np.random.default_rng(1).random((4, 14)) + np.arange(4)[:, None] / 12
    left, right = np.array(list(combinations(range(4), 2))).T
    exact = sign_flip_test(sums, left, right)
    more = np.hstack([sums, np.full((4, 3), 0.5) + 1e-6 * np.arange(12).reshape(4, 3)])
    drawn = sign_flip_test(more, left, right)
    assert (exact.exact, drawn.exact) == (True, False)
    errors = np.sqrt(exact.adjusted_p * (1 - exact.adjusted_p) / 9_999)
    assert np.all(np.abs(drawn.adjusted_p - exact.adjusted_p) < 4 * errors + 1e-4)
    assert drawn.adjusted_p.tolist() == sign_flip_test(more, left, right).adjusted_p.tolist()


def test_drawn_p_does_not_fall_below_what_enumeration_allows() -> None:
    """Of 40 articles a and b differ on five, one way: p = 2 / 2 ** 5, and no adjusted p is below."""
    a, c = np.zeros(40), np.random.default_rng(2).random(40)
    b = a.copy()
    b[:5] = 0.5
    made = compare_all([a, b, c], range(40))
    assert made[0].p == 1 / 16
    assert made[0].p_adjusted is not None
    assert made[0].p_adjusted >= 1 / 16
    assert made[0].adjustment == "maxt drawn"


def test_rows_alike_do_not_disturb_the_others() -> None:
    sums = np.random.default_rng(5).random((3, 7))
    with_twin = compare_all(np.vstack([sums, sums[:1]]), range(7))
    alone = compare_all(sums, range(7))
    twins = next(one for one in with_twin if (one.a, one.b) == (0, 3))
    assert (twins.p, twins.p_adjusted) == (1.0, 1.0)
    among = {(one.a, one.b): one.p_adjusted for one in with_twin}
    assert [among[one.a, one.b] for one in alone] == [one.p_adjusted for one in alone]


def test_a_simultaneous_interval_is_of_all_differences_that_are_not_told_from_its_own() -> None:
    """Nine articles, one pair: theta is inside iff |S - 9 t| / sqrt(sum((d - t) ** 2)) <= c.

    That grows with Student's t of d - t, so the interval is t's with the critical value made from
    c: t = c * sqrt(8 / (9 - c ** 2)). Here c is the largest of the family's that fewer than 5 % of
    all 256 flips exceed, of d or of d less its mean, whichever is greater.
    """
    gaps = np.random.default_rng(11).normal(0.1, 0.2, 9)
    signs = np.array(list(product((1, -1), repeat=9)))

    def critical(values: NDArray[np.float64]) -> float:
        statistics = np.abs(signs @ values) / np.linalg.norm(values)
        return float(min(c for c in statistics if (statistics > c + 1e-9).mean() < 0.05))

    c = max(critical(gaps), critical(gaps - gaps.mean()))
    half = c * (8 / (9 - c**2)) ** 0.5 * gaps.std(ddof=1) / 3
    made = compare(gaps, np.zeros(9), range(9)).simultaneous
    assert made is not None
    assert (made.low, made.high) == pytest.approx((gaps.mean() - half, gaps.mean() + half))


@pytest.mark.parametrize("articles", [6, 7, 9, 30])
def test_simultaneous_intervals_agree_with_the_adjusted_p(articles: int) -> None:
    told = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, 6, articles)
        clusters = np.repeat(range(articles), sizes)
        gains = np.repeat([[0.0], [0.1], [0.3], [0.5]], len(clusters), axis=1)
        for one in compare_all(gains + 0.5 * rng.random(gains.shape), clusters):
            assert one.p_adjusted is not None
            if one.simultaneous is not None:
                low, high = one.simultaneous.low, one.simultaneous.high
                open_at_0 = one.simultaneous.method == "maxt, open at 0"
                outside = low > 0 or high < 0 or open_at_0
                assert outside == (one.p_adjusted < 0.05)
                assert low <= one.difference <= high
                told += outside
    assert told > 20


def test_at_five_articles_there_is_no_simultaneous_interval() -> None:
    scores = np.random.default_rng(0).random((3, 5))
    assert [one.simultaneous for one in compare_all(scores, range(5))] == [None] * 3
    scores = np.random.default_rng(0).random((3, 6))
    assert all(one.simultaneous for one in compare_all(scores, range(6)))


def test_sides_can_be_swapped() -> None:
    one, other = compare(A, B, CLUSTERS), compare(B, A, CLUSTERS)
    assert one.p == other.p
    assert one.difference == pytest.approx(-other.difference)
    assert (one.wins, one.losses) == (other.losses, other.wins)


def test_other_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="not of the same examples"):
        compare([1, 0], [1], ["a", "b"])
    with pytest.raises(ValueError, match="not a finite number"):
        compare([1, float("nan")], [1, 1], ["a", "b"])


def test_rows_told_apart_have_ranks_that_are_certain() -> None:
    """Ten articles apart by 0.5 each time: 2 / 2 ** 10 = 0.002 tells all three apart."""
    scores = np.array([[0.0] * 10, [1.0] * 10, [0.5] * 10])
    beats = rows_beaten(compare_all(scores, range(10)), 3)
    assert beats == [frozenset(), frozenset({0, 2}), frozenset({0})]
    assert ranks([1, 2, 0], beats) == {1: Rank(1, 1), 2: Rank(2, 2), 0: Rank(3, 3)}


def test_five_articles_leave_every_rank_open() -> None:
    beats = rows_beaten(compare_all([[0.0] * 5, [1.0] * 5], range(5)), 2)
    assert ranks([1, 0], beats) == {1: Rank(1, 2), 0: Rank(1, 2)}


def test_a_row_that_nothing_beats_has_rank_1() -> None:
    """The first beats the third and fourth, the second the fourth: nothing beats it, so it is first too.

    Three rows may be before the third but one is known to be; all four places of the second but
    the last are open.
    """
    beats = [frozenset({2, 3}), frozenset({3}), frozenset[int](), frozenset[int]()]
    assert ranks(range(4), beats) == {
        0: Rank(1, 2), 1: Rank(1, 3), 2: Rank(2, 4), 3: Rank(3, 4),
    }  # fmt: skip


def test_draws_are_one_system_s_p_whatever_stands_beside_it() -> None:
    """A row's scores change by a shift that all share: the test sees differences only."""
    rng = np.random.default_rng(3)
    sums = rng.random((2, 40))
    left, right = np.array([0]), np.array([1])
    shifted = sign_flip_test(sums + rng.random(40), left, right)
    assert sign_flip_test(sums, left, right).p.tolist() == shifted.p.tolist()
