"""The measures over a reader's answers, against numbers computed by hand."""

import dataclasses
from collections.abc import Mapping

import pytest

from harness.judging.coverage import DECLARATIONS, ReaderMeasures
from harness.judging.judgment import Judgment
from harness.judging.sources import Source
from harness.judging.weights import summary_weights
from harness.metrics.answer import Answer
from harness.metrics.scorer import check_ranges
from harness.records import Article, Example, Query

TEXT = "Ann met Bob in Rome on Monday. They signed a pact worth two billion euros."
ARTICLE = Article("a", TEXT, "a.txt", "")
SUMMARY = "Bob met Ann in Rome."  # five words
LEAD = "Ann met Bob in Rome"


def _question(name: str, text: str, *answers: str) -> Example:
    return Example(f"a/{name}", ARTICLE, Query("answer", TEXT, text), answers)


WHO = _question("who", "Who met Bob?", "Ann", "Ann Lee")
WHERE = _question("where", "Where did they meet?", "Rome")
WORTH = _question("worth", "What is the pact worth?", "two billion euros")
WHEN = _question("when", "When did they meet?", "Monday", "on Monday")
COST = _question("cost", "What did the trip cost?")
HOST = _question("host", "Who was the host?")
SOURCE = Source(ARTICLE, (WHO, WHERE, WORTH, WHEN, COST, HOST))
IDENTITY = {"kind": "by hand"}


def _measures(
    answers: Mapping[tuple[str, str], str | None], source: Source = SOURCE
) -> ReaderMeasures:
    """Return the measures over answers by text and question; `None` is one that failed."""
    empty = ReaderMeasures({TEXT: source}, IDENTITY, Answer())
    judgments = {}
    for question in source.questions:
        for text in (SUMMARY, LEAD, TEXT, ""):
            key = empty.key(question, text)
            answer = answers.get((text, question.id), "")
            judgments[key] = (
                Judgment(key, "", "it broke") if answer is None else Judgment(key, answer)
            )
    return empty.with_judgments(judgments)


ANSWERS = {
    (SUMMARY, "a/who"): "Ann",  # 1
    (SUMMARY, "a/where"): "in Rome",  # precision 1/2, recall 1: 2/3
    (SUMMARY, "a/worth"): "",  # 0
    (SUMMARY, "a/when"): "Bob",  # 0
    (SUMMARY, "a/cost"): "Rome",  # made up
    (LEAD, "a/where"): "Rome",  # 1; the rest is empty: 0
}


def test_each_measure_by_hand() -> None:
    scores = _measures(ANSWERS).against_article(SUMMARY, TEXT)
    assert scores["coverage"] == pytest.approx((1 + 2 / 3 + 0 + 0) / 4)
    assert scores["above_lead"] == pytest.approx((1 + 2 / 3) / 4 - 1 / 4)
    # "Ann" and "Rome" stand in the summary; "two billion euros" and "Monday" do not.
    assert scores["told"] == 2 / 4
    assert scores["made_up"] == 1 / 2
    check_ranges(DECLARATIONS, scores)


def test_told_by_chance_is_the_mean_over_both_sentences_as_drawn() -> None:
    # Five words are "Ann met Bob in Rome" (Ann, Rome: 2 of 4) or "They signed a pact worth" (none),
    # so the mean over 16 draws is k/16 of 1/2, for some k; and 0 and 16 are no draws at random.
    above = _measures(ANSWERS).against_article(SUMMARY, TEXT)["above_random"]
    first = (0.5 - above) / 0.5 * 16
    assert first == pytest.approx(round(first))
    assert 0 < round(first) < 16


def test_a_summary_that_is_the_lead_is_above_it_by_nothing_and_it_is_asked_once() -> None:
    measures = _measures(ANSWERS)
    assert [text for text, _ in measures.asked(LEAD, TEXT)] == [LEAD]
    assert measures.against_article(LEAD, TEXT)["above_lead"] == 0.0
    asked = list(measures.asked(SUMMARY, TEXT))
    assert [text for text, _ in asked] == [SUMMARY, LEAD]
    assert [len(questions) for _, questions in asked] == [6, 4]  # of a lead what it can cover


@pytest.mark.parametrize("silent", ["", " \n", "...", "—"])
def test_silence_covers_nothing_and_gains_nothing(silent: str) -> None:
    measures = _measures(ANSWERS)
    assert measures.against_article(silent, TEXT) == {"coverage": 0.0, "told": 0.0}
    assert list(measures.asked(silent, TEXT)) == []


def test_the_whole_article_covers_what_the_reader_can_read_and_tells_all() -> None:
    right = {(TEXT, "a/who"): "Ann", (TEXT, "a/where"): "Rome", (TEXT, "a/when"): "Monday"}
    scores = _measures(right).against_article(TEXT, TEXT)
    assert scores["coverage"] == 3 / 4
    assert scores["told"] == 1.0
    assert scores["above_lead"] == scores["above_random"] == 0.0


@pytest.mark.parametrize(
    ("failed", "lacking"),
    [
        ((SUMMARY, "a/who"), {"coverage", "above_lead"}),
        ((LEAD, "a/who"), {"above_lead"}),
        ((SUMMARY, "a/cost"), {"made_up"}),
    ],
)
def test_what_failed_is_no_number(failed: tuple[str, str], lacking: set[str]) -> None:
    scores = _measures(ANSWERS | {failed: None}).against_article(SUMMARY, TEXT)
    assert scores.keys() == set(DECLARATIONS) - lacking


def test_a_text_that_nobody_was_asked_about_has_what_needs_nobody() -> None:
    scores = _measures(ANSWERS).against_article("Ann was there.", TEXT)
    assert scores.keys() == {"told", "above_random"}


def test_without_questions_of_a_kind_there_is_no_measure_of_it() -> None:
    answerable = Source(ARTICLE, (WHO, WHERE))
    scores = _measures(ANSWERS, answerable).against_article(SUMMARY, TEXT)
    assert "made_up" not in scores
    assert scores["coverage"] == pytest.approx((1 + 2 / 3) / 2)
    unanswerable = Source(ARTICLE, (COST, HOST))
    assert _measures(ANSWERS, unanswerable).against_article(SUMMARY, TEXT) == {"made_up": 0.5}
    assert _measures(ANSWERS).against_article(SUMMARY, "Another article.") == {}


def test_signatures_have_the_reader_where_one_is_asked() -> None:
    one = ReaderMeasures({TEXT: SOURCE}, IDENTITY, Answer()).signatures
    other = ReaderMeasures({TEXT: SOURCE}, {"kind": "another"}, Answer()).signatures
    assert {name for name in one if one[name] != other[name]} == {
        "coverage", "above_lead", "made_up",
    }  # fmt: skip
    german = ReaderMeasures({TEXT: SOURCE}, IDENTITY, Answer(language="de"), "de").signatures
    assert {name for name in one if one[name] != german[name]} == set(DECLARATIONS) - {"made_up"}


def test_the_key_is_that_of_the_same_question_of_the_task_answer() -> None:
    measures = ReaderMeasures({TEXT: SOURCE}, IDENTITY, Answer())
    assert measures.key(WHO, TEXT) == measures.key(dataclasses.replace(WHO, references=()), TEXT)
    assert measures.key(WHO, TEXT) != measures.key(WHO, LEAD)


def test_what_more_references_tell_counts_more() -> None:
    """Two references tell who and one where, none what it is worth or when: 3, 2, 1 and 1."""
    references = ("Ann met Bob in Rome.", "It was Ann Lee.")
    summary = Example("a", ARTICLE, Query("summarize", TEXT), references)
    weights = summary_weights({TEXT: SOURCE}, {("summarize", "article"): [summary]}, None)
    assert weights == {"a/who": 3, "a/where": 2, "a/worth": 1, "a/when": 1}
    equal = _measures(ANSWERS)
    weighted = ReaderMeasures({TEXT: SOURCE}, IDENTITY, Answer(), weights=weights)
    keys = [equal.judgment(q, text) for q in SOURCE.questions for text in (SUMMARY, LEAD)]
    weighted = weighted.with_judgments({judged.key: judged for judged in keys if judged})
    scores = weighted.against_article(SUMMARY, TEXT)
    # F1 1, 2/3, 0 and 0; of the lead 0, 1, 0 and 0. Told: who and where.
    assert scores["coverage"] == pytest.approx((3 * 1 + 2 * 2 / 3) / 7)
    assert scores["above_lead"] == pytest.approx((3 * 1 + 2 * 2 / 3) / 7 - 2 / 7)
    assert scores["told"] == pytest.approx(5 / 7)
    assert scores["made_up"] == 1 / 2
    for name in DECLARATIONS:
        same = equal.signatures[name] == weighted.signatures[name]
        assert same == (name == "made_up")
