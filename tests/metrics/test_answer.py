import pytest

from harness.errors import MetricError
from harness.metrics import Metrics, metrics, short_signature
from harness.metrics.answer import Answer
from harness.metrics.answers.contains import Contains
from harness.metrics.answers.number import NumberMatch
from harness.metrics.answers.squad import Squad


def test_squad_s_numbers_and_those_of_numbers_side_by_side() -> None:
    """SQuAD drops the point and the sign, so 3.5% is 35; others compare "3.5", "%" with "35"."""
    assert Answer().score("3.5%", ["35"]) == {
        "exact_match": 1.0,
        "f1": 1.0,
        "contains": 0.0,
        "token_recall": 1.0,
        "words": 1,
        "number_exact_match": 0.0,
        "number_f1": 0.0,
    }
    assert list(Answer().signatures) == list(Answer().score("", []))


def test_the_version_of_squad_is_the_user_s() -> None:
    assert Answer("1.1").score("the", ["a"])["f1"] == 0.0
    with pytest.raises(MetricError, match="does not know"):
        metrics("answer", {"squad": "1.1"}).score("", [])


def test_the_short_signature_tells_what_the_full_one_tells() -> None:
    """The digits are those of `printf %s SIGNATURE | sha256sum`."""
    assert short_signature("f1|counts:multiset|harness-1") == "f1:5a7d8c6e"
    texts = [*Answer("1.1").signatures.values(), *Answer().signatures.values()]
    assert len({short_signature(text) for text in texts}) == len(set(texts)) == 9


def test_an_answer_in_a_sentence() -> None:
    """One word of seven is the answer, so F1 is 2 (1/7)(1) / (8/7) = 1/4; all of it is there."""
    assert Answer().score("It was signed in Tokyo, in 2014.", ["Tokyo"]) == {
        "exact_match": 0.0,
        "f1": 0.25,
        "contains": 1.0,
        "token_recall": 1.0,
        "words": 7,
        "number_exact_match": 0.0,
        "number_f1": 0.25,
    }


@pytest.mark.parametrize(
    ("prediction", "right"), [("", 1.0), (" . ", 1.0), ("It does not say.", 0.0)]
)
def test_what_no_text_answers_is_right_where_nothing_is_said(prediction: str, right: float) -> None:
    scores = Answer().score(prediction, [])
    assert {scores[name] for name in scores if name != "words"} == {right}


def test_what_contains_an_answer_is_only_shown_and_the_length_is_neither() -> None:
    declared = Answer().declarations
    assert {declared[name].role for name in ("contains", "token_recall", "words")} == {"shown"}
    assert declared["words"].direction == "neither"
    assert list(declared) == list(Answer().signatures)


@pytest.mark.parametrize("language", [None, "de", "ko", "ja", "ar"])
def test_texts_that_are_read_once_score_as_each_metric_alone(language: str | None) -> None:
    pairs = [
        ("Japan's 3.5% of −5, the  U.S.", ["Japan", "the", "3.5"]),
        ("그는 서울에서 1,000원을", ["서울", "1000"]),
        ("x " * 200 + "Tokyo Tokyo", ["Tokyo Tokyo Tokyo", "y"]),
    ]
    alone: list[Metrics] = [Squad(language=language), Contains(language), NumberMatch(language)]
    for prediction, answers in pairs:
        expected = {k: v for one in alone for k, v in one.score(prediction, answers).items()}
        scores = Answer(language=language).score(prediction, answers)
        assert {name: scores[name] for name in expected} == expected
