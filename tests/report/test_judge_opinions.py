"""What judges said beside each summary, with the places that they looked at."""

from harness.judging.judgment_lines import JudgmentLine
from harness.models.judges.opinion import Opinion
from harness.records import Article
from harness.report.examples.judge_opinions import said_of
from harness.report.examples.pair_preferences import pair_said
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


def test_an_answer_and_a_reference_have_what_was_said_of_them() -> None:
    source = PreparedSource(Article("a", ARTICLE, "a.txt", ""))
    (means,) = said_of([_line("same", "means", Opinion({"means": 0.75}))], "Bob.", source)
    (claim,) = means.claims
    assert (claim.name, claim.numbers, claim.start, claim.end) == ("means", {"means": 0.75}, 0, 4)


def _order(model: str, against: str, first: float, said: str | None = None) -> JudgmentLine:
    opinion = Opinion({"first": first, "second": 1 - first, "tie": 0.0}, said=said)
    return JudgmentLine(
        judge="which", model=model, against=against, example="a", text="output", claim="pair",
        key="k", answer=opinion.text(),
    )  # fmt: skip


def test_a_pair_is_told_from_either_side() -> None:
    first, second = _order("m", "n", 0.75, "It <b>has</b> more."), _order("n", "m", 0.5)
    pair = pair_said("which", "n", first, second)
    # By hand: .75 where it stands first, .5 where it stands second, half of each.
    assert pair.wins == 0.625
    assert pair.changed
    assert pair.reasons == ("It <b>has</b> more.", None)
    other = pair_said("which", "m", second, first)
    assert (other.wins, other.changed, other.reasons[1]) == (0.375, True, pair.reasons[0])


def test_a_pair_of_which_an_order_failed_has_no_number() -> None:
    failed = _order("n", "m", 0.5).model_copy(update={"answer": "", "error": "ModelError: \u202e7"})
    pair = pair_said("which", "n", _order("m", "n", 1.0), failed)
    assert (pair.wins, pair.changed) == (None, False)
    assert pair.errors == (None, "ModelError: ⟦U+202E⟧7")
    assert pair_said("which", "n", _order("m", "n", 1.0), None).errors[1] == "it was not asked"
