import pytest
import scipy.stats

from harness.stats.one_sided import (
    critical_t,
    detectable_mean,
    one_sided_bounds,
    one_sided_power,
)


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 6.313752), (4, 2.131847), (9, 1.833113), (30, 1.697261)]
)
def test_critical_values_are_those_of_any_table_of_t_at_95_percent(
    freedom: int, expected: float
) -> None:
    assert critical_t(freedom) == pytest.approx(expected, abs=1e-6)


def test_bounds_are_a_quantile_of_errors_off_the_mean() -> None:
    """0.1 +- 2.131847 * 0.02."""
    assert one_sided_bounds(0.1, 0.02, 4) == pytest.approx((0.05736306, 0.14263694), abs=1e-8)
    assert one_sided_bounds(0.1, 0.0, 4) == (0.1, 0.1)


def test_power_is_r_s() -> None:
    """R: pwr.t.test(d = 0.5, power = 0.8, type = "paired", alternative = "greater"): n = 26.13753."""
    assert one_sided_power(0.5 * 26.13753**0.5, 25.13753) == pytest.approx(0.8, abs=1e-6)
    assert one_sided_power(0.0, 9) == pytest.approx(0.05, abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 1.3, 4, 19, 5000])
def test_a_detectable_mean_is_shown_80_percent_of_the_time(freedom: float) -> None:
    """By scipy's noncentral t, which is another implementation than that of `scipy.special`."""
    noncentrality = detectable_mean(0.02, freedom) / 0.02
    critical = scipy.stats.t.ppf(0.95, freedom)
    assert scipy.stats.nct.sf(critical, freedom, noncentrality) == pytest.approx(0.8, abs=1e-6)
