"""Whether an answer stands in a reply, and how much of it, by hand."""

import pytest

from harness.errors import MetricError
from harness.metrics.answers.contains import Contains, contains


@pytest.mark.parametrize(
    ("reply", "answer", "there"),
    [
        ("It was signed in Tokyo, in 2014.", "Tokyo", True),
        ("It was signed in TOKYO.", "tokyo", True),
        ("The capital of the United States.", "United States", True),
        ("States united.", "United States", False),  # in another order
        ("United and other States", "United States", False),  # not in a row
        ("the", "The Who", False),  # articles do not count, but something must be left
        ("The Who played.", "the Who", True),
        ("Tokyoites", "Tokyo", False),  # words whole
        ("In 2014.", "14", False),  # numbers whole
        ("It rose by 3.5 percent.", "5", False),
        ("It rose by 3.5 percent.", "3.5", True),
        ("It cost 1,000 dollars.", "1000", True),
        ("It cost $550 billion.", "$550 billion", True),
        ("It cost $550 billion.", "550 billion", True),
        ("It was -5 degrees.", "5", False),  # another number
        ("It was −5 degrees.", "-5", True),
        ("The season of 1979–80.", "1979-80", True),
        ("Japan's minister", "Japan", True),
        ("the Mens room", "Men's", True),
        ("the Menschen", "Men's", False),
        ("rock ’n’ roll", "rock n roll", True),
        ("It is in the U.S. now", "US", True),
        ("A+", "A", False),
        ("", "Tokyo", False),
        ("Tokyo", "", False),
        ("Tokyo", "...", False),
        ("x " * 10_000 + "Tokyo", "Tokyo", True),
    ],
)  # fmt: skip
def test_an_answer_in_english(reply: str, answer: str, there: bool) -> None:
    assert contains(reply, answer) is there


@pytest.mark.parametrize(
    ("language", "reply", "answer", "there"),
    [
        ("de", "Er wohnt in der Straße 5.", "die STRASSE", True),  # MLQA's articles go, case folds
        ("zh", "他住在北京市。", "北京", True),
        ("zh", "他住在北京市。", "京北", False),
        ("ja", "東京に住んでいます", "東京", True),
        ("ar", "عاش في القاهرة عام 1990", "قاهرة", True),  # with the article or without
        ("ko", "그는 서울에서 살았다", "서울", True),  # a particle is written to it
        ("ko", "그는 2014년에 살았다", "201", False),
        ("ko", "그는 북서울에서 살았다", "서울", False),  # a word does not begin there
        ("tr", "Ankara'da yaşıyor", "Ankara", True),
        ("hi", "वह दिल्ली में रहता है", "दिल्ली", True),
    ],
)  # fmt: skip
def test_an_answer_in_another_language(language: str, reply: str, answer: str, there: bool) -> None:
    assert contains(reply, answer, language) is there
    assert Contains(language).score(reply, [answer])["contains"] == float(there)


def test_recall_is_over_multisets_of_normalized_words() -> None:
    """Of "new york new york" a reply with one "new" and one "york" has two of four words."""
    score = Contains().score
    assert score("It is New, and York!", ["New York New York"])["token_recall"] == 0.5
    assert score("paris " * 5, ["paris"])["token_recall"] == 1.0
    assert score("the Ann", ["Ann Lee", "Bob"])["token_recall"] == 0.5  # the best answer counts
    assert score("", ["Ann"])["token_recall"] == 0.0


def test_recall_of_korean_is_over_characters() -> None:
    """KorQuAD's rule: of the answer's four characters the reply has two."""
    assert Contains("ko").score("서울", ["서울특별"])["token_recall"] == 0.5


@pytest.mark.parametrize(
    ("reply", "answers", "expected"),
    [("", [], 1.0), (" . ", [], 1.0), ("Ann", [], 0.0), ("", [""], 1.0), ("Ann", ["", "Ann"], 1.0)],
)
def test_unanswerable_questions_are_right_where_nothing_is_said(
    reply: str, answers: list[str], expected: float
) -> None:
    assert set(Contains().score(reply, answers).values()) == {expected}


def test_signatures_name_the_language_and_the_rule() -> None:
    assert Contains().signatures == {
        "contains": "contains|tokens:number-1|answers:best|unanswerable:squad-2.0|harness-1",
        "token_recall": "token_recall|counts:multiset|normalize:squad|answers:best|"
        "unanswerable:squad-2.0|harness-1",
    }
    assert "tokens:number-1-ko" in Contains("ko").signatures["contains"]
    assert "counts:characters|normalize:korquad" in Contains("kor").signatures["token_recall"]
    with pytest.raises(MetricError, match="is no code"):
        Contains("klingon")
