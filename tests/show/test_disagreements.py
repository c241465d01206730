"""The answers that measures see differently, listed and as slices of the report, by hand."""

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import UsageError
from harness.leaderboard.run_folder import read_run
from harness.metrics.answers.disagreement import IN_A_SENTENCE, KINDS, MORE_THAN_IT
from harness.report.building.build import build_report
from harness.show.disagreements import LengthPart, disagreements
from harness.suite.suite import read_suite
from tests import small_runs

# The answer to q0 is aword0, and so on.
SAID = {
    "a/q0": "aword0",
    "a/q1": "It was aword1, as all of them said there",  # F1 2/10
    "a/q2": "by aword2",  # F1 2/3
    "a/q3": "",
    "a/q4": "them",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("disagreements")
    suite = small_runs.suite(root / "suite", articles=1, questions=5)
    run = small_runs.run(suite, root / "run")
    change = small_runs.replacing_texts(
        suite, "no-answer", "answer", lambda line: SAID[line["example"]]
    )
    small_runs.changed_copy(run, run, change)
    return root


def test_what_measures_see_differently_is_listed(folder: Path) -> None:
    found = disagreements("no-answer", folder / "run", folder / "suite")
    assert list(found.counts) == list(KINDS)
    assert list(found.counts.values()) == [1, 1, 0, 1, 2]
    assert [(one.kind, one.example, one.references) for one in found.disagreements] == [
        (IN_A_SENTENCE, "a/q1", ("aword1",)),
        (MORE_THAN_IT, "a/q2", ("aword2",)),
    ]
    assert found.by_length == (
        LengthPart("no word", 1, 0.0),
        LengthPart("1 to 3 words", 3, 2 / 3),
        LengthPart("4 to 10 words", 1, 1.0),
    )


def test_it_is_printed_for_people_and_as_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["show", "disagreements", str(folder / "run"), "--model", "no-answer"]
    command += ["--suite", str(folder / "suite")]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "1 to 3 words    66.7  n 3" in printed
    assert "a/q1: F1 20.0, 9 words\n  said      It was aword1, as all" in printed
    assert "  accepted  aword1" in printed
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"][IN_A_SENTENCE] == 1


def test_a_model_without_answers_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="lead-3 has no answers"):
        disagreements("lead-3", folder / "run", folder / "suite")
    with pytest.raises(UsageError, match="did you mean no-answer"):
        disagreements("no-answers", folder / "run", folder / "suite")


def test_the_report_has_the_same_as_slices(folder: Path) -> None:
    page = build_report(read_run(folder / "run"), read_suite(folder / "suite")).page
    (group,) = [group for group in page.groups if group.id == "answer"]
    place = group.models.index("no-answer")
    slices = {
        one.name: {
            part.label: (cell.n, cell.mean) for part in one.parts if (cell := part.cells[place])
        }
        for one in group.slices
    }
    assert {label: n for label, (n, _) in slices["disagreement"].items()} == {
        kind: n for kind, n in zip(KINDS, [1, 1, 0, 1, 2], strict=True) if n
    }
    assert slices["words"] == {
        "no word": (1, 0.0),
        "1 to 3 words": (3, pytest.approx(2 / 3)),
        "4 to 10 words": (1, 1.0),
    }
    assert [one.metric for one in group.slices if one.name == "words"] == ["contains"]
