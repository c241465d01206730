"""How measures see an answer, and how long it is."""

import pytest

from harness.metrics.answer import Answer
from harness.metrics.answers.disagreement import (
    AGREED_RIGHT,
    AGREED_WRONG,
    IN_A_SENTENCE,
    LENGTHS,
    MORE_THAN_IT,
    NEAR_IT,
    disagreement,
    length_part,
)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("Lake Geneva", AGREED_RIGHT),
        ("It is by Lake Geneva in Switzerland", IN_A_SENTENCE),  # 2 of 7 words: F1 4/9
        ("by Lake Geneva", MORE_THAN_IT),  # F1 4/5
        ("Geneva Lake", NEAR_IT),  # F1 1, no exact match, not in a row
        ("Lake Como", NEAR_IT),  # F1 1/2
        ("Como", AGREED_WRONG),
    ],
)
def test_how_measures_see_an_answer(answer: str, kind: str) -> None:
    assert disagreement(Answer().score(answer, ["Lake Geneva"])) == kind


def test_scores_without_these_measures_are_of_no_kind() -> None:
    assert disagreement({"f1": 1.0}) is None
    assert length_part({"f1": 1.0}) is None


@pytest.mark.parametrize(
    ("words", "place"), [(0, 0), (1, 1), (3, 1), (4, 2), (10, 2), (11, 3), (30, 3), (31, 4)]
)
def test_the_part_by_length(words: int, place: int) -> None:
    assert length_part({"words": words}) == list(LENGTHS)[place]
