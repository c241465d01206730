"""The figures of a set of answers, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.agreement.answers import answer_figures, system_order
from harness.agreement.judgments.judgments import JudgedSet
from tests.agreement.made import judged, judgment, values


def _set(scores: list[float], systems: int) -> JudgedSet:
    return judged(
        [
            judgment(f"q{i // systems}", f"s{i % systems}", {"right": score})
            for i, score in enumerate(scores)
        ],
        task="answer",
    )


def test_right_and_wrong() -> None:
    """Two systems on three questions; the measure is right about four of six."""
    people = [1.0, 0, 1, 1, 0, 0]
    said = [0.8, 0.6, 0.2, 0.9, 0.1, 0.3]
    measures = [values("m", said), values("length", [3, 2, 1, 4, 5, 6], "none")]
    (figure, length), comparisons = answer_figures(_set(people, 2), measures, ["right"], draws=50)
    assert figure.accuracy is not None
    assert figure.accuracy.value == pytest.approx(4 / 6)
    # Right 0.8, 0.2, 0.9 against wrong 0.6, 0.1, 0.3: of nine pairs seven above.
    assert figure.auc.value == pytest.approx(7 / 9)
    first, second = figure.by_system
    assert (first.system, first.n) == ("s0", 3)
    assert first.people == pytest.approx(2 / 3)
    assert first.measure == pytest.approx((0.8 + 0.2 + 0.1) / 3)
    assert first.accuracy == pytest.approx(2 / 3)
    assert first.auc == 1.0
    assert second.accuracy == pytest.approx(2 / 3)
    assert length.accuracy is None  # a length has no threshold
    assert length.auc.value is not None
    assert comparisons == []


def test_a_label_of_what_is_wrong_is_turned() -> None:
    """Errors marked 1, and said to be better where lower: the same figures as of what is right."""
    said = [0.8, 0.6, 0.2, 0.9, 0.1, 0.3]
    right = [1.0, 0, 1, 1, 0, 0]
    errors = replace(_set([1 - one for one in right], 2), lower=frozenset({"right"}))
    measures = [values("m", said)]
    assert answer_figures(errors, measures, ["right"], draws=50) == answer_figures(
        _set(right, 2), measures, ["right"], draws=50
    )
    graded = [1.0, 2, 5, 4, 3, 1]
    worse = replace(_set([-grade for grade in graded], 2), lower=frozenset({"right"}))
    ((turned,), _), ((figure,), _) = (
        answer_figures(judged_set, measures, ["right"], draws=50)
        for judged_set in (worse, _set(graded, 2))
    )
    assert turned == figure


def test_graded_answers_have_correlations_alone() -> None:
    people, said = [1.0, 2, 5, 4, 3, 1], [0.1, 0.4, 0.8, 0.9, 0.5, 0.2]
    (figure,), comparisons = answer_figures(
        _set(people, 2), [values("m", said)], ["right"], draws=50
    )
    assert (figure.accuracy, figure.auc.value, comparisons) == (None, None, [])
    assert figure.pooled.spearman.value == pytest.approx(stats.spearmanr(said, people).statistic)
    assert figure.pooled.pearson.value == pytest.approx(stats.pearsonr(said, people).statistic)


def test_the_order_of_systems_is_people_s_and_each_measure_s() -> None:
    """Four systems on two questions: people's means .5, 1, 0, .5; the measure's .3, .9, .4, .2."""
    people = [1.0, 1, 0, 0, 0, 1, 0, 1]
    said = [0.3, 0.9, 0.4, 0.2, 0.3, 0.9, 0.4, 0.2]
    (figure,), _ = answer_figures(_set(people, 4), [values("m", said)], ["right"], draws=50)
    order = system_order([figure], "right")
    assert [(system, mean) for system, mean, _ in order] == [
        ("s1", 1.0), ("s0", 0.5), ("s3", 0.5), ("s2", 0.0),
    ]  # fmt: skip
    assert [means["m"] for *_, means in order] == pytest.approx([0.9, 0.3, 0.2, 0.4])
    expected = stats.spearmanr([0.5, 1, 0, 0.5], [0.3, 0.9, 0.4, 0.2]).statistic
    assert figure.system.spearman.value == pytest.approx(expected)


def test_two_measures_are_compared_by_their_accuracy() -> None:
    """On five questions a is right and b wrong: 2 of 32 patterns are as far off."""
    people = [1.0, 1, 1, 0, 0]
    measures = [values("a", people), values("b", 1 - np.array(people))]
    _, (found,) = answer_figures(_set(people, 1), measures, ["right"], draws=50)
    assert (found.level, found.n, found.difference, found.p) == ("accuracy", 5, 1.0, 1 / 16)
