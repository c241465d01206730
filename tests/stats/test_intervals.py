import numpy as np
import pytest
import scipy.linalg
import scipy.stats

from harness.stats import Interval, cluster_sums, estimates, under, wilson_interval
from harness.stats.bootstrap import bootstrap_intervals
from harness.stats.student import t_intervals

SCORES = np.random.default_rng(7).beta(2, 3, (3, 24))
ALONE = np.arange(24)


def test_alone_the_interval_is_scipy_s_t_interval() -> None:
    for row, made in zip(SCORES, estimates(SCORES, ALONE), strict=True):
        expected = scipy.stats.ttest_1samp(row, 0).confidence_interval(0.95)
        assert made.interval is not None
        assert (made.interval.low, made.interval.high) == pytest.approx(tuple(expected), rel=1e-12)
        assert made.interval.method == "t"


def test_clusters_of_one_size_are_a_t_interval_of_their_means() -> None:
    """With equal clusters the variance is that of the cluster means."""
    clusters = np.repeat(["a", "b", "c", "d", "e", "f"], 4)
    for row, made in zip(SCORES, estimates(SCORES, clusters), strict=True):
        means = row.reshape(6, 4).mean(axis=1)
        expected = scipy.stats.ttest_1samp(means, 0).confidence_interval(0.95)
        assert made.interval is not None
        assert (made.interval.low, made.interval.high) == pytest.approx(tuple(expected), rel=1e-12)


def test_unequal_clusters_by_hand() -> None:
    """Clusters [1, 0], [1], [0, 0, 1]: mean 3/6; e = sum - mean * size = 0, 1/2, -1/2.

    Variance ((1/4) / (5/6) + (1/4) / (1/2)) / 36 = 1/45. Degrees of freedom: p = 1/3, 1/6, 1/2
    and q = 1/6, 1/30, 1/2, so 1 / (7/18 + 0.7 ** 2 - 251/900) = 5/3.
    """
    data = cluster_sums([1, 1, 0, 0, 0, 1], ["a", "b", "a", "c", "c", "c"])
    assert data.sums.tolist() == [[1, 1, 1]]
    assert data.sizes.tolist() == [2, 1, 3]
    assert data.standard_errors().tolist() == pytest.approx([(1 / 45) ** 0.5])
    assert data.freedom == pytest.approx(5 / 3)
    (made,) = t_intervals(data, 0.95, (-9, 9))
    assert made is not None
    half = scipy.stats.t.ppf(0.975, 5 / 3) * (1 / 45) ** 0.5
    assert (made.low, made.high) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)


def test_the_standard_error_is_cr2_of_a_regression_on_a_constant() -> None:
    """The matrices of Pustejovsky & Tipton (2018), written out, with the identity as working model.

    Adjustments A_g = (I - H_gg)^(-1/2); variance (X'X)^-1 (sum X_g' A_g u_g u_g' A_g X_g) (X'X)^-1;
    degrees of freedom (sum of l)^2 / sum of l^2 over the eigenvalues l of the G x G matrix of
    products of (I - H)_g' A_g X_g (X'X)^-1.
    """
    clusters = np.array([0] * 9 + [1] * 2 + [2] * 6 + [3] * 7)
    ones, places = np.ones((24, 1)), [clusters == g for g in range(4)]
    bread = np.linalg.inv(ones.T @ ones)
    residual_maker = np.eye(24) - ones @ bread @ ones.T
    adjustments = [
        np.real(scipy.linalg.fractional_matrix_power(residual_maker[np.ix_(at, at)], -0.5))
        for at in places
    ]
    products = np.hstack(
        [
            residual_maker[at].T @ adjustment @ ones[at] @ bread
            for at, adjustment in zip(places, adjustments, strict=True)
        ]
    )
    eigenvalues = np.linalg.eigvalsh(products.T @ products)
    data = cluster_sums(SCORES, clusters)
    assert data.freedom == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    for row, made in zip(SCORES, data.standard_errors(), strict=True):
        residuals = residual_maker @ row
        meat = sum(
            (ones[at].T @ adjustment @ residuals[at]).item() ** 2
            for at, adjustment in zip(places, adjustments, strict=True)
        )
        assert made**2 == pytest.approx((bread * meat * bread).item(), rel=1e-12)


@pytest.mark.parametrize(
    ("lesser", "greater", "expected"),
    [
        # No exact match in five articles, but some F1: the upper end comes down to F1's.
        ((0.0, 0.434, "wilson by cluster"), (0.0, 0.172, "t"), (0.0, 0.172, "wilson by cluster, under f1")),
        ((0.2, 0.6, "t"), (0.1, 0.8, "t"), (0.1, 0.6, "t, under f1")),
        ((0.1, 0.6, "t"), (0.2, 0.8, "t"), (0.1, 0.6, "t")),
    ],
)  # fmt: skip
def test_an_interval_under_another(
    lesser: tuple[float, float, str],
    greater: tuple[float, float, str],
    expected: tuple[float, float, str],
) -> None:
    assert under(Interval(*lesser), Interval(*greater), "f1") == Interval(*expected)
    assert under(Interval(*lesser), None, "f1") == Interval(*lesser)
    assert under(None, Interval(*greater), "f1") is None


def test_below_20_clusters_the_bootstrap_has_a_caution_of_its_own() -> None:
    (few,) = estimates(SCORES[0][:19], ALONE[:19])
    (enough,) = estimates(SCORES[0][:20], ALONE[:20])
    assert few.bootstrap_caution == "19 articles are few: the bootstrap's interval is too short"
    assert (few.caution, enough.bootstrap_caution) == (None, None)


@pytest.mark.parametrize(("successes", "n"), [(20, 20), (0, 5), (7, 10), (1, 1000), (999, 1000)])
def test_wilson_is_scipy_s(successes: int, n: int) -> None:
    expected = scipy.stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson_interval(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_twenty_of_twenty_is_not_certain() -> None:
    (made,) = estimates(np.ones(20), ALONE[:20])
    assert made.interval is not None
    assert made.interval.method == "wilson"
    assert (round(made.interval.low, 2), made.interval.high) == (0.84, 1.0)
    assert made.caution == "near 1: the interval is less sure, and may be too short"


def test_all_right_on_clustered_questions_counts_articles() -> None:
    """Five articles all right: 5 of 5, not 20 of 20; scipy's Wilson says [0.57, 1]."""
    (made,) = estimates(np.ones(20), np.repeat(range(5), 4))
    expected = scipy.stats.binomtest(5, 5).proportion_ci(method="wilson")
    assert made.interval is not None
    assert made.interval.method == "wilson by cluster"
    assert (made.interval.low, made.interval.high) == pytest.approx((expected.low, 1.0))
    assert made.bootstrap is None
    assert made.caution is not None
    assert made.caution.startswith("5 articles are few")
    assert made.caution.endswith("near 1: the interval is less sure, and may be too short")


def test_one_cluster_has_no_interval_and_says_why() -> None:
    (made,) = estimates([0.2, 0.4], ["e", "e"], noun="event")
    assert made.mean == pytest.approx(0.3)
    assert (made.n, made.clusters) == (2, 1)
    assert made.interval is made.bootstrap is None
    assert made.caution is not None
    assert made.caution.startswith("one event has no interval")


def test_clusters_that_do_not_differ_have_no_interval() -> None:
    (made,) = estimates([0.2, 0.4, 0.4, 0.2], ["a", "a", "b", "b"])
    assert made.interval is made.bootstrap is None
    assert made.caution is not None
    assert made.caution.startswith("no two articles differ")


def test_an_interval_ends_at_0_and_1() -> None:
    (made,) = estimates([0.0, 0.9, 1.0], ["a", "b", "c"])
    assert made.interval is not None
    assert (made.interval.low, made.interval.high) == (0.0, 1.0)


def test_many_articles_in_the_middle_need_no_caution() -> None:
    assert [made.caution for made in estimates(SCORES, ALONE)] == [None] * 3


@pytest.mark.parametrize("method", ["BCa", "percentile"])
def test_the_bootstrap_is_scipy_s_with_the_same_draws(method: str) -> None:
    for row in SCORES:
        expected = scipy.stats.bootstrap(
            (row,), np.mean, n_resamples=10_000, method=method, rng=np.random.default_rng(0),
            vectorized=True,
        ).confidence_interval  # fmt: skip
        (made,) = bootstrap_intervals(cluster_sums(row, ALONE))
        assert made is not None
        assert made.method == "bca"
        # Exact for BCa; the percentile interval is another method, but near.
        near = 1e-12 if method == "BCa" else 0.02
        assert (made.low, made.high) == pytest.approx(tuple(expected), abs=near)


def test_the_cluster_bootstrap_is_scipy_s_over_cluster_sums() -> None:
    """scipy resamples pairs of (sum, size); the mean over examples is their ratio.

    It is rounded because one draw in 65 takes each cluster once: that mean ties with the
    observed one, and scipy does not see the tie through the rounding of the last bits.
    """
    clusters = np.array([0] * 5 + [1] * 2 + [2] * 6 + [3] * 3 + [4] * 7 + [5])
    data = cluster_sums(SCORES, clusters)
    for sums, made in zip(data.sums, bootstrap_intervals(data), strict=True):
        expected = scipy.stats.bootstrap(
            (sums, data.sizes),
            lambda s, n, axis=-1: (s.sum(axis=axis) / n.sum(axis=axis)).round(12),
            paired=True, n_resamples=10_000, method="BCa", rng=np.random.default_rng(0),
            vectorized=True,
        ).confidence_interval  # fmt: skip
        assert made is not None
        assert (made.low, made.high) == pytest.approx(tuple(expected), abs=1e-9)


def test_where_bca_is_not_defined_the_bootstrap_says_percentile() -> None:
    """One draw lies on one side of the mean, so there is no bias to correct by."""
    (made,) = bootstrap_intervals(cluster_sums(SCORES[0], ALONE), draws=1)
    assert made is not None
    assert made.method == "percentile"


def test_the_bootstrap_is_seeded_and_deaf_to_order() -> None:
    clusters = np.repeat(range(8), 3)
    turned = np.random.default_rng(1).permutation(24)
    first = bootstrap_intervals(cluster_sums(SCORES, clusters))
    assert first == bootstrap_intervals(cluster_sums(SCORES, clusters))
    again = bootstrap_intervals(cluster_sums(SCORES[:, turned], clusters[turned]))
    for one, other in zip(first, again, strict=True):
        assert one is not None
        assert other is not None
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "clusters", "message"),
    [
        ([0.5, 0.5], ["a"], "need one cluster each"),
        ([], [], "there are no scores"),
        ([0.5, float("nan")], ["a", "b"], "not a finite number"),
        ([0.5, 1.5], ["a", "b"], "outside its range"),
    ],
)
def test_what_is_no_score_is_refused(
    scores: list[float], clusters: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        estimates(scores, clusters)


def test_an_interval_is_a_value() -> None:
    assert Interval(0.1, 0.2, "t") == Interval(0.1, 0.2, "t")
