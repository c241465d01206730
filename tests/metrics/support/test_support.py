"""`Support`: each measure by hand on a small pair, what is left out, and what all must hold."""

from itertools import product
from math import inf, log

import pytest
from rouge_score.rouge_scorer import RougeScorer

from harness.errors import MetricError
from harness.metrics.blind_spot import DROPPED
from harness.metrics.support.measures import MEASURES
from harness.metrics.support.support import Support
from harness.records import SCOPES
from harness.suite.suite import read_suite

SUPPORT = Support()
ARTICLE = "Ann met Bob in Rome. Bob paid 400 euros."
SUMMARY = "Ann met Bob. He paid 500 euros to Cid."


def test_each_measure_by_hand() -> None:
    scores = SUPPORT.score_with_article(SUMMARY, ARTICLE)
    expected = {
        # "Ann met Bob" is there in order; of the six words after it, which weigh alike, two are.
        "support": (1 + 2 / 6) / 2,
        "support_least": 2 / 6,
        # ann-met and met-bob, of eight.
        "source_rouge2_precision": 2 / 8,
        # 500 and Cid, of Bob, 500 and Cid: the first word of a sentence is not looked at.
        "unsupported": 2,
        "unsupported_numbers": 1,
        "unsupported_names": 1,
        "unsupported_quotes": 0,
        "unsupported_share": 2 / 3,
        # he, 500, to, cid; all two but the first; all three but the first.
        "novel_1grams": 4 / 9,
        "novel_2grams": 6 / 8,
        "novel_3grams": 6 / 7,
        # Fragments: ann met bob, paid, euros.
        "extractive_coverage": 5 / 9,
        "extractive_density": (9 + 1 + 1) / 9,
        "words": 9,
    }
    assert scores == pytest.approx(expected, abs=1e-9)
    assert list(scores) == list(expected) == list(SUPPORT.signatures) == list(MEASURES)


def test_each_sentence_has_its_place_in_the_article() -> None:
    first, second = SUPPORT.sentences(SUMMARY, ARTICLE)
    assert SUMMARY[first.start : first.end] == "Ann met Bob."
    assert ARTICLE[first.article_start : first.article_end] == "Ann met Bob in Rome."
    assert SUMMARY[second.start : second.end] == "He paid 500 euros to Cid."
    assert ARTICLE[second.article_start : second.article_end] == "Bob paid 400 euros."


@pytest.mark.parametrize(
    ("summary", "names"),
    [
        ("", ["words"]),
        (" \n", ["words"]),
        ("— …", ["words"]),
        # One word: no 2-grams; nothing to check for a share.
        (
            "Rome",
            [
                "support", "support_least", "unsupported", "unsupported_numbers",
                "unsupported_names", "unsupported_quotes", "novel_1grams", "extractive_coverage",
                "extractive_density", "words",
            ],
        ),
        ("She met Bob", list(MEASURES)),
    ],
)  # fmt: skip
def test_what_there_is_nothing_of_is_left_out(summary: str, names: list[str]) -> None:
    assert list(SUPPORT.score_with_article(summary, ARTICLE)) == names


@pytest.mark.parametrize(
    ("language", "summary", "expected"),
    [
        (None, "", 0),
        (None, "— …", 0),
        (None, "The US-led firm’s $2.6 plan", 5),
        ("zh", "在2024年。", 3),  # 在, 2024, 年
    ],
)
def test_marks_are_no_words(language: str | None, summary: str, expected: int) -> None:
    assert Support(language).score_with_article(summary, "A b 在。")["words"] == expected


@pytest.mark.parametrize("article", ["", "—", "\n\n"])
def test_an_article_without_words_is_refused(article: str) -> None:
    with pytest.raises(MetricError, match="has no word; nothing can be borne out by it"):
        SUPPORT.score_with_article("Ann met Bob.", article)


def test_letters_that_the_default_tokenizer_drops_are_told_of() -> None:
    with pytest.raises(MetricError, match="name its language"):
        SUPPORT.score_with_article("她来了", "他来了。她走了。")
    spot = SUPPORT.blind_spot
    assert spot is not None
    assert (spot.about, spot.count, spot.refuses) == ("source_rouge2", DROPPED.count, True)
    assert [name for name in MEASURES if name.startswith(spot.about)] == ["source_rouge2_precision"]
    assert Support("zh").blind_spot is Support(tokenizer="unicode").blind_spot is None


def test_of_chinese_each_character_is_a_word() -> None:
    """了 stands in both sentences, ln(3/2); all else in one, ln(3). In order there are 来 and 了."""
    scores = Support("zh").score_with_article("她来了。", "他来了。她走了。")
    expected = (log(3) + log(3 / 2)) / (2 * log(3) + log(3 / 2))
    assert scores["support"] == pytest.approx(expected, abs=1e-9)
    assert scores["extractive_coverage"] == 1  # 她, then 来了
    assert scores["extractive_density"] == (1 + 4) / 3
    assert scores["novel_2grams"] == 1 / 2


@pytest.mark.parametrize("language", ["zh", "de", "hi", "pt-BR"])
def test_numbers_names_and_quotes_are_of_english_alone(language: str) -> None:
    names = {name for name in MEASURES if not name.startswith("unsupported")}
    family = Support(language)
    assert set(family.signatures) == names
    assert set(family.score_with_article("a b c", "a b c")) == names


def test_stems_are_those_of_the_language() -> None:
    """Snowball's: Häuser and Haus are "haus". Without a stemmer words must be equal."""
    german = Support("de").score_with_article("Ein Haus brennt", "Ein Häuser brennt")
    assert german["support"] == 1
    assert german["extractive_coverage"] == 2 / 3  # words as they are
    with pytest.raises(MetricError, match="is no code"):
        Support("english")


def test_tokenized_english_is_read_like_the_usual() -> None:
    article = "The judge didn't say “no”. It's $2.6 million, or won’t be."
    tokenized = "the judge did n't say `` no '' . it 's $ 2.6 million , or wo n't be ."
    scores = SUPPORT.score_with_article(tokenized, article)
    assert (scores["support"], scores["novel_3grams"]) == (1, 0)


def test_whole_articles_are_borne_out_by_themselves() -> None:
    for scope in SCOPES:
        for example in read_suite().examples("summarize", scope):
            article = example.query.context
            scores = SUPPORT.score_with_article(article, article)
            assert scores["support"] == scores["support_least"] == 1
            assert scores["source_rouge2_precision"] == scores["extractive_coverage"] == 1
            assert scores["unsupported"] == scores["unsupported_share"] == 0
            assert [scores[f"novel_{n}grams"] for n in (1, 2, 3)] == [0, 0, 0]
            assert all(part.support == 1 for part in SUPPORT.sentences(article, article))


def test_source_rouge2_is_the_packages_precision() -> None:
    package = RougeScorer(["rouge2"], use_stemmer=True)
    for example in read_suite().examples("summarize"):
        article = example.query.context
        for reference in example.references:
            expected = package.score(target=article, prediction=reference)["rouge2"].precision
            precision = SUPPORT.score_with_article(reference, article)["source_rouge2_precision"]
            assert precision == expected


def test_every_number_is_in_its_range_and_the_same_again() -> None:
    """Also after so many articles that the first is read anew."""
    examples = list(read_suite().examples("summarize"))
    pairs = list(
        product([r for e in examples for r in e.references], [e.query.context for e in examples])
    )
    first = [SUPPORT.score_with_article(*pair) for pair in pairs]
    for n in range(100):
        SUPPORT.score_with_article("a b", f"a b {n}")
    assert [SUPPORT.score_with_article(*pair) for pair in pairs] == first
    for scores in first:
        for name, value in scores.items():
            assert MEASURES[name].low <= value <= MEASURES[name].high
    assert {name for name, measure in MEASURES.items() if measure.better == "lower"} == {
        name for name in MEASURES if name.startswith("unsupported")
    }
    assert MEASURES["words"].high == MEASURES["unsupported"].high == inf


@pytest.mark.parametrize("summary", ["a\ud800b c", "9" * 6000, "“" * 3000, "\x00 n't", "١٢٣ ﷽"])
def test_hostile_texts_are_scored_like_others(summary: str) -> None:
    """None of these words is in the article."""
    scores = SUPPORT.score_with_article(summary, "Ann met \ud800 Bob.")
    assert scores.get("support", 0) == scores.get("extractive_coverage", 0) == 0
    assert scores["words"] < 4


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"w{n}" for n in range(10_000)),
        "the " * 10_000,
        "The. " * 10_000,
        "a b " * 5_000,
    ],
    ids=["distinct", "one word", "one sentence", "two words"],
)
@pytest.mark.slow
def test_ten_thousand_words(text: str) -> None:
    scores = SUPPORT.score_with_article(text, text)
    assert (scores["support"], scores["words"]) == (1, 10_000)
    shorter = SUPPORT.score_with_article(text, "The b w7 is here.")
    assert 0 < shorter["support"] <= 1


def test_signatures_name_what_the_numbers_depend_on() -> None:
    by_language = {None: Support().signatures, "de": Support("de").signatures}
    assert by_language[None] != by_language["de"]
    assert Support("en").signatures == by_language[None]
    support = by_language["de"]["support"].split("|")
    for part in (
        "support",
        "place:2 sentences",
        "stemmer:snowball-german-",
        "language:de",
        "sentences:harness-",
        "harness-support-1",
    ):
        assert any(field.startswith(part) for field in support), part
    rouge = Support(stemmer=False).signatures
    changed = {name for name in rouge if rouge[name] != by_language[None][name]}
    assert changed == {"source_rouge2_precision"}
    assert all(text.startswith(f"{name}|") for name, text in rouge.items())
