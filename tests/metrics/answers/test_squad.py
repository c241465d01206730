import pytest

from harness.errors import MetricError
from harness.metrics.answers.normalization import normalize_squad
from harness.metrics.answers.squad import Squad, exact_match, f1


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The U.S. president", "us president"),
        ("a  an\tthe", ""),
        ("theatre of an anthem", "theatre of anthem"),
        ("3.5%", "35"),  # a known weakness of the published rule, kept
        ("-5", "5"),
        ("Japan’s", "japan’s"),  # only ASCII punctuation goes
        ("$550 billion!", "550 billion"),
    ],
)
def test_normalize_as_the_official_script(text: str, normal: str) -> None:
    assert normalize_squad(text) == normal


# F1 by hand: 2pr / (p + r), p and r over multisets of words.
@pytest.mark.parametrize(
    ("prediction", "answer", "expected"),
    [
        ("Tokyo", "Tokyo", 1.0),
        ("in Tokyo", "Tokyo", 2 * 0.5 * 1 / 1.5),
        ("paris paris paris paris paris", "paris", 2 * 0.2 * 1 / 1.2),
        ("red red blue", "red blue blue", 2 * (2 / 3) * (2 / 3) / (4 / 3)),
        ("Rome", "Tokyo", 0.0),
        ("the", "a", 1.0),  # nothing is left of either
        ("the", "Tokyo", 0.0),
        ("", "Tokyo", 0.0),
    ],
)
def test_f1(prediction: str, answer: str, expected: float) -> None:
    assert f1(prediction, answer) == expected


def test_exact_match() -> None:
    assert exact_match("the Akasaka Palace.", "Akasaka palace") == 1.0
    assert exact_match("Akasaka Palaces", "Akasaka Palace") == 0.0


# evaluate-v2.0.py: an unanswerable question's only gold answer is "".
@pytest.mark.parametrize(
    ("prediction", "answers", "em", "best_f1"),
    [
        ("", [], 1.0, 1.0),
        ("Tokyo", [], 0.0, 0.0),
        ("the", [], 1.0, 1.0),  # it normalizes to nothing, and so does the official script's
        ("", ["Tokyo"], 0.0, 0.0),
        ("Tokyo", ["Rome", "Tokyo"], 1.0, 1.0),
        ("Tokyo city", ["Rome", "Tokyo"], 0.0, 2 / 3),
        ("", ["the", "Tokyo"], 0.0, 0.0),  # an answer that normalizes to nothing is passed over
    ],
)
def test_the_best_answer_counts_and_silence_is_right_where_there_is_none(
    prediction: str, answers: list[str], em: float, best_f1: float
) -> None:
    assert Squad().score(prediction, answers) == {"exact_match": em, "f1": best_f1}


def test_signatures_say_what_they_depend_on() -> None:
    assert Squad().signatures == {
        "exact_match": "exact_match|normalize:squad|answers:best|unanswerable:squad-2.0|harness-1",
        "f1": "f1|counts:multiset|normalize:squad|answers:best|unanswerable:squad-2.0|harness-1",
    }


# evaluate-v1.1.py: F1 is 0 where no word is shared, even if neither text has a word left.
@pytest.mark.parametrize(
    ("prediction", "answers", "em", "best_f1"),
    [
        ("Tokyo city", ["Rome", "Tokyo"], 0.0, 2 / 3),
        ("the", ["a"], 1.0, 0.0),
        ("", ["the", "Tokyo"], 1.0, 0.0),  # no answer is passed over
        ("Tokyo", ["the", "Tokyo"], 1.0, 1.0),
    ],
)
def test_version_1_1_has_its_own_rules(
    prediction: str, answers: list[str], em: float, best_f1: float
) -> None:
    assert Squad("1.1").score(prediction, answers) == {"exact_match": em, "f1": best_f1}
    options = "normalize:squad|answers:best|unanswerable:squad-1.1|harness-1"
    assert Squad("1.1").signatures["exact_match"] == f"exact_match|{options}"


def test_version_1_1_knows_no_unanswerable_question() -> None:
    with pytest.raises(MetricError, match="does not know; score it as"):
        Squad("1.1").score("", [])
