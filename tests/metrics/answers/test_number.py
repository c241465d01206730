import re
import sys
import unicodedata

import pytest

from harness.metrics.answers.normalization import normalize_squad
from harness.metrics.answers.number import CURRENCIES, NumberMatch, number_tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Akasaka Palace!", ["akasaka", "palace"]),
        ("3.5%", ["3.5", "%"]),
        ("35", ["35"]),
        ("-5", ["-5"]),
        ("(−5)", ["-5"]),  # a minus sign
        ("–5 degrees", ["-5", "degrees"]),  # an en dash
        ("±5", ["±5"]),
        ("Tokyo - 5 people", ["tokyo", "5", "people"]),
        ("2019-20", ["2019", "20"]),
        ("2019–20", ["2019", "20"]),
        ("F-16", ["f", "16"]),
        ("G7", ["g7"]),
        ("65+", ["65+"]),
        ("A+", ["a+"]),
        ("A-", ["a-"]),
        ("a", []),
        ("C++", ["c++"]),
        ("$550 billion", ["$", "550", "billion"]),
        ("550 billion", ["550", "billion"]),
        ("US$ 550", ["us", "$", "550"]),
        ("-$5", ["$", "-5"]),
        ("$-5", ["$", "-5"]),
        ("5€", ["5", "€"]),
        ("1,000,000.50", ["1000000.50"]),
        ("3,5", ["3", "5"]),  # no thousands: a list
        (".5", ["0.5"]),
        ("28.10.2025", ["28.10.2025"]),
        ("10:30", ["10", "30"]),
        ("21st", ["21", "st"]),
        ("3.5bn", ["3.5", "bn"]),
        ("the U.S. and the U.S", ["us", "and", "us"]),
        ("U.S.-Japan", ["us", "japan"]),
        ("rare-earth", ["rare", "earth"]),
        ("Japan’s", ["japans"]),
        ("Japan's", ["japans"]),
        ("…!?", []),
        ("“Bergen”", ["bergen"]),
        ("दिन", ["दिन"]),  # marks belong to their letter (UAX #29)
        ("مُحَمَّد", ["مُحَمَّد"]),
        ("Stra\u00adße", ["strasse"]),  # a soft hyphen is none
        ("می\u200cخواهم", ["میخواهم"]),  # nor is a joiner
        ("I\u0307stanbul İstanbul", ["istanbul", "istanbul"]),
        ("5️⃣ cafe\u0301s", ["5", "cafés"]),
        ("约-3.5万人", ["约", "-3.5", "万", "人"]),
        ("１，０００．５％の￥５", ["1000.5", "%", "の", "¥", "5"]),  # the same in full width
        ("10² ½", ["10", "²", "½"]),  # but no other number
        ("佐々木", ["佐々", "木"]),  # the sign repeats the character before it
        ("น้ำดี", ["น้ำ", "ดี"]),  # grapheme clusters of UAX #29
        ("ភ្នំ ២", ["ភ្", "នំ", "២"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert number_tokens(text) == expected


# The names of the pairs are the weaknesses that are written down for SQuAD's rule.
@pytest.mark.parametrize(
    ("one", "other"),
    [("3.5%", "35"), ("-5", "5"), ("A+", "a"), ("$550 billion", "550 billion"), ("1.5", "15")],
)
def test_what_squad_makes_equal_stays_apart(one: str, other: str) -> None:
    assert normalize_squad(one) == normalize_squad(other)
    assert NumberMatch().score(one, [other])["number_exact_match"] == 0.0
    assert NumberMatch().score(one, [one]) == {"number_exact_match": 1.0, "number_f1": 1.0}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("काला", "किला"),
        ("दिन", "दान"),
        ("কালা", "কিলা"),
        ("กา", "กี"),
        ("كَتَبَ", "كُتِبَ"),
        ("霍尔特", "霍尔顿"),
    ],
)
def test_a_letter_or_a_mark_tells_words_apart(one: str, other: str) -> None:
    """Black and fort, day and alms: the vowel is a mark, which belongs to its word (UAX #29)."""
    assert NumberMatch().score(one, [other])["number_exact_match"] == 0.0
    assert NumberMatch().score(one, [one]) == {"number_exact_match": 1.0, "number_f1": 1.0}


def test_they_are_not_stricter_where_squad_keeps_a_quote() -> None:
    """SQuAD's punctuation is ASCII's, so that a curly quote is part of a word."""
    assert normalize_squad("“Bergen”") == "“bergen”"
    assert NumberMatch().score("“Bergen”", ["Bergen"])["number_exact_match"] == 1.0


# F1 by hand: 2pr / (p + r).
@pytest.mark.parametrize(
    ("prediction", "answers", "em", "f1"),
    [
        ("$550 billion", ["550 billion"], 0.0, 2 * (2 / 3) * 1 / (2 / 3 + 1)),
        ("-5", ["5"], 0.0, 0.0),
        ("3.5 percent", ["3.5%"], 0.0, 2 * 0.5 * 0.5 / 1),
        ("The U.S.", ["us"], 1.0, 1.0),
        ("5 5 5", ["5"], 0.0, 2 * (1 / 3) * 1 / (1 / 3 + 1)),
        ("Ann Lee", ["Bob", "Minister Ann Lee"], 0.0, 2 * 1 * (2 / 3) / (1 + 2 / 3)),
        ("Lee Ann", ["Ann Lee"], 0.0, 1.0),
        ("", [], 1.0, 1.0),
        ("the", [], 1.0, 1.0),
        ("5", [], 0.0, 0.0),
        ("", ["5"], 0.0, 0.0),
        ("", ["the", "5"], 0.0, 0.0),  # an answer without tokens is passed over
    ],
)
def test_the_best_answer_counts(prediction: str, answers: list[str], em: float, f1: float) -> None:
    assert NumberMatch().score(prediction, answers) == {"number_exact_match": em, "number_f1": f1}


def test_every_currency_of_unicode_is_one() -> None:
    known = re.compile(f"[{CURRENCIES}]")
    signs = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Sc"}
    assert {sign for sign in signs if not known.match(sign)} == set()


def test_signatures() -> None:
    options = "tokens:number-1|answers:best|unanswerable:squad-2.0|harness-1"
    assert NumberMatch().signatures == {
        "number_exact_match": f"number_exact_match|{options}",
        "number_f1": f"number_f1|counts:multiset|{options}",
    }
