from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import UsageError
from harness.leaderboard.run_folder import read_run
from harness.suite.opening import open_suite
from harness.suite.selection import Selection, refuse_unknown_examples
from tests import small_runs, squads


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Articles a and b with questions q0, q1, q2: "What is number 0?" ..."""
    return small_runs.suite(tmp_path / "suite", articles=2, questions=3)


@pytest.mark.parametrize(
    ("selection", "answers", "summaries"),
    [
        (Selection(), ["a/q0", "a/q1", "a/q2", "b/q0", "b/q1", "b/q2"], ["a", "b"]),
        (Selection(limit=2), ["a/q0", "a/q1"], ["a", "b"]),
        (Selection(("a",)), [], ["a"]),
        (Selection(("a/q1", "b")), ["a/q1"], ["b"]),
        (Selection(("*/q2",)), ["a/q2", "b/q2"], []),
        (Selection(("b*",)), ["b/q0", "b/q1", "b/q2"], ["b"]),
        (Selection(text="NUMBER 1"), ["a/q1", "b/q1"], []),
        (Selection(text="b"), ["a/q0", "a/q1", "a/q2", "b/q0", "b/q1", "b/q2"], ["b"]),
        (Selection(("a/*",), "number 2"), ["a/q2"], []),
        (Selection(("*/q?",), limit=1), ["a/q0"], []),
    ],
)
def test_what_is_chosen(
    suite: Path, selection: Selection, answers: list[str], summaries: list[str]
) -> None:
    opened = open_suite(suite)
    assert [e.id for e in selection.examples_of(opened, "answer")] == answers
    assert [e.id for e in selection.examples_of(opened, "summarize")] == summaries
    assert len(selection.examples_of(opened, "answer")) == len(answers)


def test_a_pattern_that_fits_nothing_is_refused(suite: Path) -> None:
    refuse_unknown_examples(Selection(("a", "*/q1")), open_suite(suite))
    with pytest.raises(UsageError, match="--examples: suite has no example 'a/q9'; did you mean"):
        refuse_unknown_examples(Selection(("a", "a/q9")), open_suite(suite))


def test_a_run_of_some_examples_says_which_and_verifies(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["eval", "--suite", str(suite), "--models", "no-answer", "--out", str(out)]
    assert main([*command, "--examples", "a/q0", "b/*", "-k", "number", "--limit", "3"]) == 0
    run = read_run(out)
    assert {line.example for line in run.lines} == {"a/q0", "b/q0", "b/q1"}
    assert run.board.suite.selection == Selection(("a/q0", "b/*"), "number", 3)
    assert main(["verify", str(out)]) == 0
    assert main(["report", str(out)]) == 0
    assert "--examples a/q0 &#39;b/*&#39; -k number --limit 3" in (out / "report.html").read_text()
    capsys.readouterr()
    assert main([*command, "-k", "no such text"]) == 2
    assert (
        "nothing to run: no chosen model can do a chosen task on a chosen"
        in capsys.readouterr().err
    )


def test_a_data_set_s_questions_are_chosen_alike(tmp_path: Path) -> None:
    opened = open_suite(f"squad:{squads.write(tmp_path / 'many.json', squads.many(9))}")
    everything = [example.id for example in opened.examples("answer")]
    wanted = everything[1]
    chosen = Selection((wanted,)).examples_of(opened, "answer")
    assert [example.id for example in chosen] == [wanted]
    assert [e.id for e in Selection(text="").examples_of(opened, "answer")] == everything
