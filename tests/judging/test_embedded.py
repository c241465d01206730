"""The reader that ships, over one summary."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.judging.coverage import ReaderMeasures
from harness.judging.inquiry import Inquiry
from harness.judging.judge import derived_examples, judge
from harness.judging.people_texts import PeopleTexts
from harness.judging.sources import Source
from harness.metrics.answer import Answer
from harness.models.roster.roster import read_rosters
from harness.records import Article, Example, Part, Query, Scope
from harness.run.store import Store

NAME = "minilm-qa"
TEXT = (
    "The Osier Bridge, which has carried traffic over the River Senn since 1931, was closed on "
    "Monday evening after inspectors found cracks in the steel pivot on which its middle span "
    "turns. About 9,000 vehicles cross it on a working day. Mayor Ines Calloway said that nobody "
    "was in danger."
)
LEAD = TEXT[: TEXT.index(" Monday")]  # 16 words, as many as the summary has
SUMMARY = "Ines Calloway is the mayor. The bridge over the River Senn was closed on Monday evening."


def _question(name: str, text: str, *answers: str) -> Example:
    return Example(f"a/{name}", ARTICLE, Query("answer", TEXT, text), answers)


ARTICLE = Article("a", TEXT, "a.txt", "")
SOURCE = Source(
    ARTICLE,
    (
        _question("mayor", "Who is the mayor?", "Ines Calloway"),
        _question("when", "When was the bridge closed?", "Monday evening", "on Monday evening"),
        _question("vehicles", "How many vehicles cross it on a working day?", "About 9,000", "9,000"),
        _question("cost", "How many euros will the repair cost?"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("answered", "texts"),
    [((), {"", SUMMARY, LEAD}), (("article",), {"", SUMMARY, LEAD}), (("event",), {TEXT, "", SUMMARY, LEAD})],
)  # fmt: skip
def test_a_whole_event_is_read_only_where_the_reader_answers_events_anyway(
    answered: tuple[Scope, ...], texts: set[str]
) -> None:
    event = replace(ARTICLE, parts=(Part("x", 0, len(TEXT)),))
    source = Source(event, [replace(question, article=event) for question in SOURCE.questions])
    measures = ReaderMeasures({TEXT: source}, {"kind": "any"}, Answer())
    inquiry = Inquiry({TEXT: source}, measures, PeopleTexts(), None)
    asked = derived_examples(inquiry, [(SUMMARY, TEXT)], answered)
    assert {example.query.context for example in asked} == texts


@pytest.mark.skipif(bool(read_rosters()[NAME].model.missing), reason="its weights are not here")
def test_it_answers_what_a_summary_tells_and_nothing_else(tmp_path: Path) -> None:
    reader = read_rosters()[NAME]
    known = {TEXT: SOURCE}
    measures = ReaderMeasures(known, reader.model.identity("answer"), Answer())
    asked = derived_examples(Inquiry(known, measures, PeopleTexts(), None), [(SUMMARY, TEXT)])
    assert len(asked) == 4 + 4 + 4 + 3  # the article, nothing, the summary and its lead
    with Store(tmp_path / "predictions.sqlite") as store:
        done = judge(reader, asked, store, {}, lambda *_: None)
        again = judge(reader, asked, store, {}, lambda *_: None)
    assert (done.cached, done.failures) == (0, [])
    assert (again.cached, again.judgments) == (15, done.judgments)
    measures = measures.with_judgments(done.judgments)
    scores = measures.against_article(SUMMARY, TEXT)
    # Two of the three stand there, word for word; of the number there is nothing to say. It answers
    # "Calloway" (precision 1, recall 1/2), "Monday evening" and nothing.
    assert scores["told"] == pytest.approx(2 / 3)
    assert scores["coverage"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert scores["made_up"] == 0.0
    assert measures.coverage(SOURCE, TEXT) == 1.0
    assert measures.coverage(SOURCE, "") == measures.made_up(SOURCE, "") == 0.0
