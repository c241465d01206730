"""What a reader answered, beside each summary: told apart by hand-made judgments."""

from pathlib import Path

import pytest

from harness.judging.judgment_lines import JudgmentLine
from harness.leaderboard.run_folder import read_run
from harness.records import Article, Evidence, Question
from harness.report.building.build import build_report
from harness.report.content.example import Example
from harness.report.examples.reader_answers import AskedQuestions, verdict
from harness.suite.suite import read_suite
from tests import small_runs
from tests.report.test_visible_text import sliced


def _line(answer: str, f1: float | None = None, error: str | None = None) -> JudgmentLine:
    scores = {} if f1 is None else {"f1": f1}
    return JudgmentLine(
        judge="reader", model="m", example="a", text="output", question="a/q", key="k",
        answer=answer, error=error, scores=scores,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "answerable", "expected"),
    [
        (_line("Rome", 1.0), True, "right"),
        (_line("in Rome on Monday", 0.5), True, "in part"),
        (_line("Oslo", 0.0), True, "wrong"),
        (_line("", 0.0), True, "left out"),
        (_line(" \n", 0.0), True, "left out"),
        (_line("Oslo", 0.0), False, "made up"),
        (_line("", 1.0), False, "silent"),
        (_line("", error="ModelError: out of memory"), True, "failed"),
        (_line("", error="ModelError: out of memory"), False, "failed"),
    ],
)
def test_each_answer_is_one_of_seven_things(
    line: JudgmentLine, answerable: bool, expected: str
) -> None:
    assert verdict(line, answerable=answerable) == expected


QUESTIONS = AskedQuestions({
    "a/where": Question("where", "Where?", "where", ("Rome", "in Rome"), (Evidence("a", "Ann met Bob in Rome."),)),
    "a/who": Question("who", "Who paid?", "who", ()),
    "a/when": Question("when", "When?", "when", ("Monday",)),
}, {"a/where": 3, "a/when": 1})  # fmt: skip


def test_each_question_has_what_it_weighs_where_some_weigh_more() -> None:
    assert [one.weight for one in QUESTIONS.asked()] == [3, None, 1]


def _pieces(text: str, spans: list[tuple[int, int, str]]) -> list[tuple[str, str]]:
    return [(text[start:end], label) for start, end, label in spans]


def test_an_answer_is_marked_once_in_a_summary() -> None:
    summary = "On monday they met in Rome, said Rome. Romeo did not come."
    assert _pieces(summary, QUESTIONS.spans(summary)) == [
        ("in Rome", "asked:0"),
        ("monday", "asked:2"),
    ]
    assert QUESTIONS.spans("Romeo came on Mondays.") == []


def test_in_the_article_it_is_marked_in_the_evidence_or_wherever_there_is_none() -> None:
    article = Article("a", "Rome was warm. Ann met Bob in Rome. It was Monday, a Monday.", "f", "")
    spans = QUESTIONS.source_spans(article)
    assert _pieces(article.text, spans) == [
        ("in Rome", "asked:0"), ("Monday", "asked:2"), ("Monday", "asked:2"),
    ]  # fmt: skip
    assert spans[0][0] == article.text.index("in Rome")


def _judged(tmp_path: Path) -> Example:
    """Return the example of a run on one article, whose reader is to have said this."""
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=2)
    run = small_runs.run(suite, tmp_path / "run")
    said = {"model": "lead-3", "example": "a", "text": "output"}
    reference = {"model": "people", "example": "a", "text": "reference:1"}
    small_runs.judge_by_hand(run, [
        {"example": "a", "text": "article", "question": "a/q0", "answer": "aword0", "scores": {"f1": 1.0}},
        said | {"question": "a/q0", "answer": "aword0", "scores": {"f1": 1.0}},
        said | {"question": "a/q1", "answer": "\u202ebword1", "scores": {"f1": 0.0}},
        said | {"text": "lead", "question": "a/q1", "answer": "aword1", "scores": {"f1": 1.0}},
        said | {"repeat": 2, "question": "a/q1", "answer": "aword1", "scores": {"f1": 1.0}},
        reference | {"question": "a/q0", "answer": "", "scores": {"f1": 0.0}},
    ])  # fmt: skip
    (found,) = [
        example
        for chunk in build_report(read_run(run), read_suite(suite)).chunks()
        for example in chunk.examples
        if (example.group, example.id) == ("summarize", "a")
    ]
    return found


def test_each_summary_has_what_the_reader_answered_from_it(tmp_path: Path) -> None:
    """tests/small_runs.py: the article says "Answer number 0 of a is aword0."; lead-3 copies it."""
    example = _judged(tmp_path)
    assert example.reader == "reader"
    assert [(one.id, one.question, one.answers) for one in example.questions] == [
        ("a/q0", "What is number 0?", ("aword0",)), ("a/q1", "What is number 1?", ("aword1",)),
    ]  # fmt: skip
    by_model = {output.model: output for output in example.outputs}
    (output,) = [one for one in by_model.values() if one.reader_answers]
    assert [(one.question, one.verdict, one.answer, one.f1, one.told) for one in output.reader_answers] == [
        (0, "right", "aword0", 1.0, True), (1, "wrong", "⟦U+202E⟧bword1", 0.0, True),
    ]  # fmt: skip
    marked = {
        label: sliced(output.text.text, start, end)
        for start, end, labels in output.text.marks
        for label in labels
        if label.startswith("asked:")
    }
    assert marked == {"asked:0": "aword0", "asked:1": "aword1"}
    assert {label for _, _, labels in example.marks for label in labels} == {"asked:0", "asked:1"}


def test_so_has_each_reference(tmp_path: Path) -> None:
    example = _judged(tmp_path)
    (reference,) = example.judged_references
    assert [(one.question, one.verdict, one.told) for one in reference.reader_answers] == [
        (0, "left out", False)
    ]
    assert reference.marks == ()


def test_a_run_without_a_reader_asks_nothing(tmp_path: Path) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=1, questions=1)
    report = build_report(read_run(small_runs.run(suite, tmp_path / "run")), read_suite(suite))
    for chunk in report.chunks():
        for example in chunk.examples:
            assert (example.reader, example.questions, example.judged_references) == (None, (), ())
            assert all(output.reader_answers == () for output in example.outputs)
