from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.answers.no_answer import (
    best_threshold,
    best_thresholds,
    squad_1_1_totals,
    squad_2_0_splits,
)

# Five questions, of which the last two have no answer. The third has no prediction.
EXACT = [1.0, 0.0, 0.0, 1.0, 0.0]
F1 = [1.0, 0.5, 0.0, 1.0, 0.0]
ANSWERABLE = [True, True, True, False, False]


def test_totals_by_hand() -> None:
    assert squad_1_1_totals(EXACT, F1) == {"exact_match": 100 * 2 / 5, "f1": 100 * 2.5 / 5}


def test_sums_run_as_the_script_s_do() -> None:
    """0.1 ten times by += is 0.9999999999999999, which is what evaluate-v1.1.py divides."""
    assert squad_1_1_totals([0.0] * 10, [0.1] * 10)["f1"] == 100.0 * 0.9999999999999999 / 10


def test_splits_by_hand() -> None:
    assert squad_2_0_splits(EXACT, F1, ANSWERABLE) == {
        "exact": 100 * 2 / 5,
        "f1": 100 * 2.5 / 5,
        "total": 5,
        "HasAns_exact": 100 * 1 / 3,
        "HasAns_f1": 100 * 1.5 / 3,
        "HasAns_total": 3,
        "NoAns_exact": 100 * 1 / 2,
        "NoAns_f1": 100 * 1 / 2,
        "NoAns_total": 2,
    }


def test_an_empty_split_is_left_out() -> None:
    assert list(squad_2_0_splits([1.0], [1.0], [True])) == [
        "exact", "f1", "total", "HasAns_exact", "HasAns_f1", "HasAns_total",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("probabilities", "said", "expected"),
    [
        # Refusing all gives the two unanswerable. Below 0.1 the first is right: 3 of 5. Below 0.2
        # half of the second more: 3.5. Below 0.3 the fourth, wrongly, speaks: one less.
        ({0: 0.1, 1: 0.2, 3: 0.3, 4: 0.9}, [1, 1, 0, 1, 1], (100 * 3.5 / 5, 0.2)),
        # The fourth was silent anyway, and costs nothing.
        ({0: 0.1, 1: 0.4, 3: 0.3, 4: 0.9}, [1, 1, 0, 0, 1], (100 * 3.5 / 5, 0.4)),
        # Those that speak wrongly seem the surest: refusing all is best.
        ({3: 0.1, 4: 0.2, 1: 0.3, 0: 0.4}, [1, 1, 0, 1, 1], (100 * 2 / 5, 0.0)),
        # Equal probabilities: the script looks after each question, in the order of the file.
        ({0: 0.5, 4: 0.5, 3: 0.5, 1: 0.5}, [1, 1, 0, 1, 1], (100 * 3 / 5, 0.5)),
    ],
)
def test_the_best_threshold_by_hand(
    probabilities: dict[int, float], said: list[int], expected: tuple[float, float]
) -> None:
    assert best_threshold(F1, ANSWERABLE, said, probabilities) == expected


def test_names_are_the_script_s() -> None:
    found = best_thresholds(
        EXACT, F1, ANSWERABLE, [1, 1, 0, 1, 1], {0: 0.1, 1: 0.2, 3: 0.8, 4: 0.9}
    )
    assert found == {
        "best_exact": 100 * 3 / 5,
        "best_exact_thresh": 0.1,
        "best_f1": 100 * 3.5 / 5,
        "best_f1_thresh": 0.2,
    }


QUESTIONS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(0, 4), st.integers(1, 1000)),
    min_size=1,
    max_size=12,
    unique_by=lambda question: question[3],
)


@settings(deadline=None)
@given(QUESTIONS)
def test_no_threshold_does_better(questions: list[tuple[bool, bool, int, int]]) -> None:
    """The definition, tried at every threshold: a question above it is refused.

    A refusal is right exactly where there is no answer. Probabilities differ, and scores are
    fourths, so that no sum is rounded.
    """
    answerable = [has for has, _, _, _ in questions]
    said = [speaks for _, speaks, _, _ in questions]
    # Silence on an answerable question scores 0, on another 1, and speech there 0.
    scores = [
        (fourths / 4 if speaks else 0.0) if has else float(not speaks)
        for has, speaks, fourths, _ in questions
    ]
    chances = [thousandths / 1000 for _, _, _, thousandths in questions]

    def mean(threshold: float) -> Fraction:
        kept = [
            Fraction(float(not has) if chance > threshold else score)
            for has, score, chance in zip(answerable, scores, chances, strict=True)
        ]
        return 100 * sum(kept, Fraction()) / len(kept)

    best = max(mean(threshold) for threshold in [0.0, *chances])
    lowest = min(t for t in [0.0, *chances] if mean(t) == best)
    found, at = best_threshold(scores, answerable, said, dict(enumerate(chances)))
    assert found == pytest.approx(float(best), rel=1e-15)
    assert at == lowest
