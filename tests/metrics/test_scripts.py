"""Eleven languages in eight scripts: what is equal is 1, one other letter is less, none is lost."""

import unicodedata

import pytest

from harness.errors import MetricError
from harness.metrics.languages import language_code
from harness.metrics.rouge.rouge import TYPES, Rouge
from harness.metrics.rouge.stems.stemming import SNOWBALL
from harness.metrics.rouge.tokenization import Vocabulary

# A sentence, and the same with another letter in one word (not in an ending, which a stemmer takes).
TABLE = [
    ("de", "Der Bürgermeister öffnete die große Brücke", "Der Bürgermeister öffnete die große Krücke"),
    ("fr", "Le maire a rouvert l’école après la grève", "Le maire a rouvert l’école après la grive"),
    ("tr", "Belediye başkanı eski köprüyü IĞDIR’da açtı", "Belediye başkanı eski köprüyü IĞDIR’da aştı"),
    ("ru", "Мэр открыл старый мост через реку", "Мэр открыл старый мозг через реку"),
    ("el", "Ο δήμαρχος άνοιξε την παλιά γέφυρα", "Ο δήμαρχος άνοιξε την παλιά γέφυσα"),
    ("ar", "افتتح رئيس البلدية الجسر القديم", "افتتح رئيس البلدية البسر القديم"),
    ("hi", "महापौर ने पुराना पुल दिन में खोला", "महापौर ने पुराना पुल दान में खोला"),
    ("th", "นายกเทศมนตรีเปิดสะพานเก่าน้ำใส", "นายกเทศมนตรีเปิดสะพานแก่าน้ำใส"),
    ("zh", "市长重新开放了老桥", "市长重新开放了老校"),
    ("ja", "市長は佐々木さんと古い橋をひらいた", "市長は佐々木さんと古い橋をひろいた"),
    ("ko", "시장은 오래된 다리를 다시 열었다", "시장은 오래된 머리를 다시 열었다"),
]  # fmt: skip


def _letters(text: str) -> int:
    return sum(unicodedata.category(character)[0] == "L" for character in text)


@pytest.mark.parametrize(("language", "text", "other"), TABLE, ids=[row[0] for row in TABLE])
def test_rouge_by_language(language: str, text: str, other: str) -> None:
    rouge = Rouge(language=language)
    assert rouge.score(text, [text]) == dict.fromkeys(TYPES, 1.0)
    assert all(0 < score < 1 for score in rouge.score(other, [text]).values())
    assert rouge.blind_spot is None
    tokens = next(iter(Vocabulary("unicode", None, language)._tokenize_lines(text)))
    # Unicode's own count; ß is two without case.
    assert sum(_letters(token.decode()) for token in tokens) == _letters(text.replace("ß", "ss"))
    if language in SNOWBALL:
        assert f"|language:{language}|stemmer:snowball-" in rouge.signatures["rouge1"]
    else:
        assert f"|language:{language}|stemmer:none|" in rouge.signatures["rouge1"]


# Snowball's own vocabularies have these pairs: snowballstem.org/algorithms/LANGUAGE/stemmer.html
@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "aufeinanderfolgend", "aufeinanderfolge"), ("ru", "вагона", "вагоне"), ("fr", "continua", "continuait"),
     ("es", "chicharrones", "chicharrón"), ("de-AT", "Kategorien", "Kategorie")],
)  # fmt: skip
def test_forms_of_a_word_are_one_by_its_language(language: str, one: str, other: str) -> None:
    assert Rouge(["rouge1"], language=language).score(one, [other]) == {"rouge1": 1.0}
    assert Rouge(["rouge1"], language=language, stemmer=False).score(one, [other])["rouge1"] == 0.0


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("DİYARBAKIR ISPARTA", "diyarbakır ısparta", "tr"),
        ("I\u0307zmir", "İZMİR", "tr"),  # decomposed
        ("Stra\u00adße", "STRASSE", "de"),
        ("می\u200cخواهم", "میخواهم", "fa"),
        ("Ａｎｎ <q> met</s><n>", "<S>ann met<pad>", None),
        ("cafe\u0301", "café", None),
        ("ΟΔΟΣ", "οδος", "el"),
    ],
)
def test_texts_that_the_unicode_tokenizer_takes_for_one(
    one: str, other: str, language: str | None
) -> None:
    rouge = Rouge(["rouge1"], tokenizer="unicode", language=language)
    assert rouge.score(one, [other]) == {"rouge1": 1.0}
    assert rouge.score(f"{one} {other}", [other])["rouge1"] < 1  # and each of them has words


def test_texts_that_another_tokenizer_has_parted_are_taken_as_they_are() -> None:
    """Two of three words, of four: 2 * (2/3) * (2/4) / (2/3 + 2/4)."""
    rouge = Rouge(["rouge1"], tokenizer="spaces", language="zh")
    found = rouge.score("市长 重新 开放", ["市长 重新 开放了 老桥"])
    assert found["rouge1"] == pytest.approx(4 / 7)
    assert rouge.score("A-b", ["a-b"])["rouge1"] == 0.0
    assert rouge.signatures["rouge1"] == (
        "rouge1|f1|language:zh|stemmer:none|tokenizer:spaces|references:best|harness-rouge-1"
    )


@pytest.mark.parametrize(
    ("code", "language"),
    [("ger", "de"), ("arb_Arab", "ar"), ("azj-Latn", "az"), ("chi", "zh"), ("tha", "th"), ("gsw", "gsw")],
)  # fmt: skip
def test_codes_of_three_letters(code: str, language: str) -> None:
    """Of ISO 639-3, 639-2/B, and the main form of a language as FLORES-200 names it."""
    assert language_code(code) == language


def test_english_is_what_it_is_without_a_language() -> None:
    assert Rouge(language="eng").signatures == Rouge().signatures
    assert Rouge(language="en-GB").signatures == Rouge().signatures
    assert Rouge(stemmer=True, language="en").signatures == Rouge().signatures


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "german"}, "the language 'german' is no code; give one such as de"),
        ({"language": "jp"}, "the language 'jp' is no code"),  # of a country
        ({"language": ""}, "the language '' is no code"),
        ({"language": "zh", "stemmer": True}, "there is no stemmer for 'zh'; leave"),
    ],
)
def test_languages_that_there_are_not(options: dict[str, object], message: str) -> None:
    make: type = Rouge
    with pytest.raises(MetricError, match=message):
        make(**options)
