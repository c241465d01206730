import numpy as np
import pytest
import scipy.stats

from harness.stats import VarianceComponents, minimum_detectable_difference, variance_components
from harness.stats.planning.power import t_test_power


@pytest.mark.parametrize(
    ("noncentrality", "freedom", "expected"),
    [
        # R: power.t.test(n = 20, delta = 1, sd = 1), the first example of its manual page
        (10**0.5, 38, 0.8689528),
        # R: pwr.t.test(d = 0.5, power = 0.8, type = "paired") gives n = 33.36713
        (0.5 * 33.36713**0.5, 32.36713, 0.8),
        (0.0, 9, 0.05),
    ],
)
def test_power_is_r_s(noncentrality: float, freedom: float, expected: float) -> None:
    assert t_test_power(noncentrality, freedom) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("freedom", [1, 4, 19, 130, 4999, 100_000])
@pytest.mark.parametrize("noncentrality", [0.5, 2.8, 6.0, 14.0])
def test_power_is_scipy_s_noncentral_t(noncentrality: float, freedom: int) -> None:
    critical = scipy.stats.t.ppf(0.975, freedom)
    far = scipy.stats.nct(freedom, noncentrality)
    assert t_test_power(noncentrality, freedom) == pytest.approx(
        far.sf(critical) + np.nan_to_num(far.cdf(-critical)), abs=1e-7
    )


def test_the_detectable_difference_is_g_power_s() -> None:
    """R: power.t.test(n = 33.36713, delta = 0.5, type = "paired"): 80 %, standard error 1/sqrt(n)."""
    assert minimum_detectable_difference(33.36713**-0.5, 32.36713) == pytest.approx(0.5, abs=1e-6)


def test_the_correlation_is_shrout_and_fleiss_s() -> None:
    """Shrout & Fleiss (1979), table 2: four judges of six targets; ICC(1,1) = .17 in table 4.

    Their mean squares are 11.24 between and 6.26 within: (11.24 - 6.26) / (11.24 + 3 * 6.26).
    """
    judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    made = variance_components(np.ravel(judged), np.repeat(range(6), 4))
    assert made.correlation == pytest.approx((11.24 - 6.26) / (11.24 + 3 * 6.26), abs=2e-3)
    assert round(made.correlation, 2) == 0.17
    assert made.sd**2 == pytest.approx((11.24 - 6.26) / 4 + 6.26, abs=0.01)


def test_one_value_a_cluster_is_all_between() -> None:
    made = variance_components([0.1, 0.3, 0.8], ["a", "b", "c"])
    assert (made.correlation, made.per_cluster) == (1.0, 1.0)
    assert made.sd == pytest.approx(np.std([0.1, 0.3, 0.8], ddof=1))


def test_one_cluster_cannot_say_how_clusters_differ() -> None:
    with pytest.raises(ValueError, match="two clusters at least"):
        variance_components([0.1, 0.3], ["a", "a"])


def test_the_mean_of_a_cluster_has_kish_s_design_effect() -> None:
    """1 + (5 - 1) * 0.25 = 2, so the variance of a mean of five is 2 / 5 of the whole."""
    assert VarianceComponents(3.0, 0.25, 5.0, 9).deviation([1, 5]).tolist() == pytest.approx(
        [3.0, 3.0 * (2 / 5) ** 0.5]
    )
