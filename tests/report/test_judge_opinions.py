"""What judges said beside each summary, with the places that they looked at."""

from harness.judging.judgment_lines import JudgmentLine
from harness.models.judges.opinion import Opinion
from harness.records import Article
from harness.report.examples.judge_opinions import said_of
from harness.report.examples.sources import PreparedSource

# The summary has a character that the page shows as a token: places after it move.
TEXT, ARTICLE = "Ann\u202e ran. Bob sat.", "Bob sat down. Ann ran."


def _line(
    judge: str, claim: str, opinion: Opinion | None, error: str | None = None
) -> JudgmentLine:
    return JudgmentLine(
        judge=judge, model="m", example="a", text="output", claim=claim, key="k",
        answer=opinion.text() if opinion else "", error=error,
    )  # fmt: skip


def test_each_claim_has_its_place_its_numbers_and_its_passage() -> None:
    source = PreparedSource(Article("a", ARTICLE, "a.txt", ""))
    entails, marks, grades = said_of(
        [
            _line("entails", "sentence:1", Opinion({"entailment": 0.25}, (14, 22))),
            _line("entails", "sentence:2", None, "ModelError: out of memory"),
            _line("marks", "whole", Opinion({"tokens": 4}, spans=((10, 13, 0.75),))),
            _line("grades", "fluency", Opinion({"grade": 4}, said="A <slip>.")),
        ],
        TEXT,
        source,
    )
    shown = "Ann⟦U+202E⟧ ran. Bob sat."
    first, second = entails.claims
    assert shown[first.start : first.end] == "Ann⟦U+202E⟧ ran."
    assert first.numbers == {"entailment": 0.25}
    assert first.source_start is not None
    assert ARTICLE[first.source_start : first.source_end] == "Ann ran."
    assert shown[second.start : second.end] == "Bob sat."
    assert (second.numbers, second.error) == ({}, "ModelError: out of memory")
    (whole,) = marks.claims
    assert [(shown[start:end], share) for start, end, share in whole.spans] == [("Bob", 0.75)]
    (fluency,) = grades.claims
    assert (fluency.said, fluency.source_start) == ("A <slip>.", None)
    assert said_of([], TEXT, source) == ()
