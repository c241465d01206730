"""Answers by the rules of MLQA, XQuAD and KorQuAD: what their own scripts say of made-up ones."""

import pytest

from harness.errors import MetricError
from harness.metrics.answer import Answer
from harness.metrics.answers.normalization import Normalization
from harness.metrics.answers.squad import Squad
from harness.metrics.scorer import score

# exact_match_score and f1_score of the scripts, on Python 3.11:
# - mlqa: github.com/facebookresearch/MLQA, commit 24bf470b2e68, mlqa_evaluation_v1.py
# - squad, for XQuAD: github.com/google-research/xtreme, commit 838c13b69daa,
#   third_party/evaluate_squad.py
# - korquad: evaluate-v1.0.py of KorQuAD 1.0, as in github.com/nojiyoon/korbert_finetuning,
#   commit 28b6028532da
OFFICIAL = [
    ("mlqa", "en", "The “Old” Bridge", "old bridge", 1.0, 1.0),
    ("mlqa", "es", "El puente de los Leones", "un puente de las leonas", 0.0, 0.6666666666666666),
    ("mlqa", "es", "¿La catedral?", "catedral", 1.0, 1.0),
    ("mlqa", "de", "der Bürgermeister der Stadt Köln", "ein Bürgermeister von Köln", 0.0, 0.6666666666666666),
    ("mlqa", "de", "„Müller“", "Müller", 1.0, 1.0),
    ("mlqa", "vi", "những cây cầu của thành phố", "cây cầu thành phố cũ", 0.0, 0.888888888888889),
    ("mlqa", "hi", "पुराना पुल।", "पुराना पुल", 1.0, 1.0),
    ("mlqa", "hi", "दिन में", "दान में", 0.0, 0.5),
    ("mlqa", "ar", "الجسر القديم", "جسر قديم", 1.0, 1.0),
    ("mlqa", "ar", "في الجسر", "الجسر", 0.0, 0.6666666666666666),
    ("mlqa", "zh", "霍尔特", "马拉·霍尔特", 0.0, 0.7499999999999999),
    ("mlqa", "zh", "2024年10月,在Tokyo東京", "2024年 10月在Tokyo", 0.0, 0.8571428571428571),
    ("mlqa", "zh", "《老桥》", "老桥", 1.0, 1.0),
    ("mlqa", "zh", "。", "桥", 0.0, 0.0),
    ("squad", "th", "สะพานเก่า", "สะพาน", 0.0, 0.0),
    ("squad", "tr", "Eski Köprü", "eski köprü.", 1.0, 1.0),
    ("squad", "el", "η παλιά γέφυρα", "παλιά γέφυρα", 0.0, 0.8),
    ("squad", "ru", "старый мост", "старый мост через реку", 0.0, 0.6666666666666666),
    ("korquad", "ko", "《오래된 다리》", "오래된다리", 0.0, 1.0),
    ("korquad", "ko", "서울특별시", "서울시", 0.0, 0.7499999999999999),
    ("korquad", "ko", "‘세종’ (1397년)", "세종, 1397", 0.0, 0.923076923076923),
    ("korquad", "ko", "3.5%", "35", 1.0, 1.0),
    ("korquad", "ko", "부산", "서울", 0.0, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "language", "prediction", "answer", "em", "f1"), OFFICIAL)
def test_scores_are_those_of_the_official_scripts_to_the_last_bit(
    rule: Normalization, language: str, prediction: str, answer: str, em: float, f1: float
) -> None:
    named = Squad("1.1", language, rule)
    assert named.score(prediction, [answer]) == {"exact_match": em, "f1": f1}
    if (rule, language) not in (("mlqa", "en"), ("squad", "th")):
        by_language = Squad("1.1", language)  # their rule is the language's own
        assert by_language.signatures == named.signatures
        assert by_language.score(prediction, ["x", answer]) == {"exact_match": em, "f1": f1}


@pytest.mark.parametrize(
    ("language", "rule"),
    [
        (None, "squad"), ("en", "squad"), ("en-US", "squad"), ("ru", "squad"), ("de", "mlqa-de-ucd-"),
        ("zh-Hans", "mlqa-zh-ucd-"), ("ko", "korquad-1.0"), ("ja", "unicode-2-ucd-"), ("th", "unicode-2-ucd-"),
    ],
)  # fmt: skip
def test_each_language_has_its_rule_and_each_rule_its_signature(
    language: str | None, rule: str
) -> None:
    signature = Squad(language=language).signatures["f1"]
    assert f"|normalize:{rule}" in signature
    assert signature.startswith("f1|counts:" + ("characters" if language == "ko" else "multiset"))


# F1 by hand, over characters (Japanese, and Thai by grapheme cluster of UAX #29) or words.
@pytest.mark.parametrize(
    ("language", "prediction", "answer", "f1"),
    [
        ("ja", "佐々木さん", "佐々木", 2 * (2 / 4) * 1 / (2 / 4 + 1)),  # 佐々, 木, さ, ん
        ("th", "น้ำใส", "น้ำ", 2 * (1 / 3) * 1 / (1 / 3 + 1)),  # น้ำ, ใ, ส
        ("th", "น้ำ", "นำ", 0.0),
    ],
)
def test_scripts_without_spaces_and_without_an_official_rule(
    language: str, prediction: str, answer: str, f1: float
) -> None:
    squad = Squad(language=language)
    assert squad.score(prediction, [answer])["f1"] == pytest.approx(f1)
    assert squad.score(f"「{prediction}」", [prediction]) == {"exact_match": 1.0, "f1": 1.0}
    assert squad.blind_spot is None


TEN = [
    ("de", "Köln", "Kölm"), ("es", "Muñoz", "Muroz"), ("vi", "cây cầu", "cây câu"), ("tr", "IĞDIR", "İĞDIR"),
    ("ru", "мост", "мозт"), ("el", "γέφυρα", "γέφυσα"), ("ar", "جسر", "بسر"), ("hi", "दिन", "दान"),
    ("th", "น้ำ", "น้า"), ("zh", "老桥", "老校"), ("ja", "佐々木", "佐木木"), ("ko", "다리", "머리"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "other"), TEN, ids=[row[0] for row in TEN])
def test_what_is_equal_is_one_and_one_other_letter_is_less(
    language: str, text: str, other: str
) -> None:
    answer = Answer(language=language)
    same, different = (
        [value for name, value in answer.score(prediction, [text]).items() if name != "words"]
        for prediction in (text, other)
    )
    assert set(same) == {1.0}
    assert max(different) < 1.0


def test_chinese_by_character_is_not_refused_and_a_named_rule_only_cautioned() -> None:
    golds = [["马拉·霍尔特"]]
    assert score(["霍尔特"], golds, "answer", Answer(language="zh")).cautions == ()
    found = score(["霍尔特"], golds, "answer", Answer(language="zh", normalization="squad"))
    assert found.means["f1"] == 0.0
    assert "100.0 % of the letters of references and predictions" in found.cautions[0]


def test_normalizations_that_there_are_not() -> None:
    make: type = Squad
    with pytest.raises(MetricError, match="normalization='xquad' is none of squad, mlqa, korquad"):
        make(normalization="xquad")
    with pytest.raises(MetricError, match="MLQA's normalization has no rule for 'ja', but for en"):
        Squad(language="ja", normalization="mlqa")
