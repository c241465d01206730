"""`Summary`: ROUGE with the words, and with an article what it bears out; silence gains nothing."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MetricError
from harness.metrics import FAMILIES, metrics, short_signature
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.scorer import score_text
from harness.metrics.summary import Summary
from harness.metrics.support.measures import MEASURES
from harness.metrics.support.support import Support
from harness.text import word_count, words

ARTICLE = "Ann met Bob in Rome. Bob paid 400 euros."
SUMMARY = "Ann met Bob. He paid 500 euros to Cid."
REFERENCES = ["Bob paid Ann.", "Ann met Bob."]
FAMILY = Summary(articles=True)


def test_with_an_article_both_families_speak() -> None:
    scores = FAMILY.score_with_article(SUMMARY, REFERENCES, ARTICLE)
    borne_out = Support().score_with_article(SUMMARY, ARTICLE)
    assert scores == Rouge().score(SUMMARY, REFERENCES) | {
        name: borne_out[name] for name in FAMILY.signatures if name in borne_out
    }
    assert list(scores) == list(FAMILY.signatures) == list(FAMILY.declarations)
    assert scores["words"] == 9  # Ann met Bob He paid 500 euros to Cid
    assert scores["unsupported"] == 2  # 500 and Cid
    assert score_text(FAMILY, SUMMARY, REFERENCES, ARTICLE) == scores


def test_without_an_article_there_are_rouge_and_words() -> None:
    plain = Summary()
    assert list(plain.signatures) == [*Rouge().signatures, "words"]
    expected = Rouge().score(SUMMARY, REFERENCES) | {"words": 9}
    assert plain.score(SUMMARY, REFERENCES) == expected
    assert FAMILY.score(SUMMARY, REFERENCES) == expected
    assert plain.score_with_article(SUMMARY, REFERENCES, ARTICLE) == expected


def test_a_family_that_does_not_ask_for_the_article_is_given_none() -> None:
    rouge = Rouge()
    assert score_text(rouge, SUMMARY, REFERENCES, ARTICLE) == rouge.score(SUMMARY, REFERENCES)


def test_many_are_scored_as_one_is() -> None:
    """Three hundred are more than ROUGE reads ahead."""
    texts = [f"{SUMMARY} {'x ' * i}" for i in range(300)]
    many = list(Summary().score_many(iter(texts), iter([REFERENCES] * 300)))
    assert many == [Summary().score(text, REFERENCES) for text in texts]
    for predictions, references in ((texts[:2], [REFERENCES]), (texts[:1], [REFERENCES] * 2)):
        with pytest.raises(MetricError, match="there are more"):
            list(Summary().score_many(predictions, references))


def test_many_are_scored_with_their_articles_as_one_is() -> None:
    articles = [ARTICLE, "Rain fell.", SUMMARY]
    texts = [SUMMARY, "", "Rain fell in Rome."]
    many = list(FAMILY.score_many_with_articles(texts, [REFERENCES] * 3, iter(articles)))
    assert many == [
        FAMILY.score_with_article(text, REFERENCES, article)
        for text, article in zip(texts, articles, strict=True)
    ]
    with pytest.raises(ValueError, match="shorter"):
        list(FAMILY.score_many_with_articles(texts, [REFERENCES] * 3, articles[:2]))


@pytest.mark.parametrize("silence", ["", " \n", "— …"])
def test_silence_is_the_worst_of_what_ranks_and_no_part_of_what_counts_errors(
    silence: str,
) -> None:
    scores = FAMILY.score_with_article(silence, REFERENCES, ARTICLE)
    assert scores == dict.fromkeys(Rouge().signatures, 0.0) | {
        "support": 0.0, "support_least": 0.0, "source_rouge2_precision": 0.0, "words": 0,
    }  # fmt: skip
    for name, declared in FAMILY.declarations.items():
        assert declared.partial == (name not in scores)


def test_one_word_has_no_pair_and_scores_as_in_rouge() -> None:
    scores = FAMILY.score_with_article("Rome", REFERENCES, ARTICLE)
    assert (scores["support"], scores["source_rouge2_precision"]) == (1, 0)
    assert "novel_2grams" not in scores


def test_each_says_what_its_numbers_are() -> None:
    declared = FAMILY.declarations
    assert {
        name: (d.low, d.high, d.direction) for name, d in declared.items() if name in MEASURES
    } == {
        name: (MEASURES[name].low, MEASURES[name].high, MEASURES[name].better)
        for name in declared
        if name in MEASURES
    }
    roles = {name: d.role for name, d in declared.items()}
    ranked = {"support", "support_least", "source_rouge2_precision", *Rouge().signatures}
    assert {name for name, role in roles.items() if role == "ranked"} == ranked
    assert {name for name, role in roles.items() if role == "gated"} == {"unsupported"}
    assert (declared["words"].high, declared["words"].is_share) == (inf, False)


def test_the_rules_for_spans_are_english() -> None:
    assert "unsupported" not in Summary(articles=True, language="de").signatures
    assert "unsupported" not in Summary(articles=True, language="de").score_with_article(
        "Anna traf 5 Leute.", ["Anna traf Bob."], "Anna traf Bob in Rom."
    )
    assert Summary(articles=True, language="en").signatures == FAMILY.signatures


def test_a_leaderboard_has_the_articles_and_a_list_of_texts_has_none() -> None:
    assert FAMILIES["summarize"][1] == {"references": "jackknife", "articles": True}
    assert "support" in metrics("summarize").signatures
    assert "support" not in metrics("summarize", {}).signatures
    assert short_signature(FAMILY.signatures["words"]).startswith("words:")


@given(st.text())
def test_words_are_counted_as_they_are_made(text: str) -> None:
    assert word_count(text) == len(words(text))


@given(st.text(alphabet="aB9_'.,- \n"))
def test_words_of_ascii_are_counted_as_they_are_made(text: str) -> None:
    assert word_count(text) == len(words(text))
