"""The figures of a set of summaries: which texts they are over, and which way is better."""

import numpy as np
import pytest
from scipy import stats

from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.summaries import summary_figures
from tests.agreement.made import judged, judgment, values

RNG = np.random.default_rng(9)
PEOPLE = RNG.integers(1, 6, 40).astype(np.float64)
MEASURE = PEOPLE + RNG.normal(0, 2, 40)


def _set(**more: object) -> JudgedSet:
    return judged(
        [
            judgment(f"a{i // 5}", f"s{i % 5}", {"good": PEOPLE[i]}, source="x" if i < 20 else "y")
            for i in range(40)
        ],
        **more,
    )


def test_signs_are_turned_so_that_more_is_better() -> None:
    measures = [values("up", MEASURE), values("down", -MEASURE, "lower")]
    up, down = summary_figures(_set(), measures, ["good"], draws=20)[0][:2]
    assert up.article.level.spearman.value == down.article.level.spearman.value
    assert up.pairs.value == down.pairs.value
    turned = summary_figures(_set(lower=frozenset(["good"])), measures, ["good"], draws=20)[0][0]
    assert turned.article.level.spearman.value == pytest.approx(
        -(up.article.level.spearman.value or 0)
    )


def test_each_source_is_by_itself_too() -> None:
    figures, _ = summary_figures(_set(), [values("m", MEASURE)], ["good"], draws=20)
    by_source = {figure.source: figure for figure in figures}
    assert [*by_source] == [None, "x", "y"]
    assert [figure.n for figure in figures] == [40, 20, 20]
    assert by_source["y"].pooled.spearman.value == pytest.approx(
        stats.spearmanr(MEASURE[20:], PEOPLE[20:]).statistic
    )


def test_a_measure_without_some_values_is_over_the_rest() -> None:
    lacking = MEASURE.copy()
    lacking[[0, 1, 2, 7]] = np.nan
    measures = [values("whole", MEASURE), values("part", lacking)]
    figures, comparisons = summary_figures(_set(), measures, ["good"], draws=20)
    whole, part = figures[:2]
    assert (whole.n, part.n) == (40, 36)
    assert (whole.article.groups, part.article.groups) == (8, 7)  # two texts are no group
    (comparison,) = [found for found in comparisons if found.source is None]
    assert comparison.n == part.article.level.n
    kept = np.isfinite(lacking)
    assert part.pooled.spearman.value == pytest.approx(
        stats.spearmanr(lacking[kept], PEOPLE[kept]).statistic
    )


@pytest.mark.parametrize("constant", ["measure", "people"])
def test_what_never_differs_has_no_figure(constant: str) -> None:
    data = _set()
    if constant == "people":
        data = judged([judgment(j.article_id, j.system, {"good": 3.0}) for j in data.judgments])
    measure = np.ones(40) if constant == "measure" else MEASURE
    assert summary_figures(data, [values("m", measure)], ["good"], draws=20) == ([], [])


def test_where_articles_have_one_text_the_pooled_level_is_quoted() -> None:
    data = judged([judgment(f"a{i}", "s", {"good": PEOPLE[i]}) for i in range(40)])
    measures = [values("m", MEASURE), values("n", -MEASURE)]
    (figure, _), (comparison,) = summary_figures(data, measures, ["good"], draws=20)
    assert figure.level == "pooled"
    assert figure.quoted.spearman.value == pytest.approx(stats.spearmanr(MEASURE, PEOPLE).statistic)
    assert comparison.level == "pooled"
    assert comparison.p < 0.001
