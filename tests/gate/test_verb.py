import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.cli import main
from harness.verify.verification import verify
from tests import small_runs


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.suite(tmp_path_factory.mktemp("gate") / "suite", articles=5, questions=2)


@pytest.fixture(scope="module")
def base(suite: Path) -> Path:
    """A run in which no-answer has every answer right, by luck."""
    change = small_runs.replacing_texts(suite, "no-answer", "answer", _answer)
    return small_runs.changed_copy(small_runs.run(suite, suite / "floors"), suite / "base", change)


@pytest.fixture
def bad(suite: Path, base: Path, tmp_path: Path) -> Path:
    """The same with every answer lost, and outputs that are hard to write down."""
    text = "| `` <b>\x00\x1b ]]> &amp; \ud83d\ude00".encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )
    change = small_runs.replacing_texts(suite, "no-answer", "answer", lambda line: text)
    return small_runs.changed_copy(base, tmp_path / "bad", change)


def _answer(line: small_runs.Line) -> str:
    article, question = line["example"].split("/")
    return f"{article}word{question[1:]}"


def _gate(base: Path, head: Path, *more: str) -> int:
    return main(["gate", "--baseline", str(base), str(head), *more])


def test_the_same_run_passes(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _gate(base, base) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "Gate: passed (6 passed)"
    assert printed.err == ""


def test_a_regression_fails_and_shows_the_losses(
    base: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _gate(base, bad) == 1
    printed = capsys.readouterr()
    assert "f1 -100.0 points in every article: worse" in printed.out
    assert "a/q0: 100.0 -> 0.0" in printed.out
    assert printed.err == "harness: Gate: a regression (1 failed, 5 passed)\n"


def test_a_tolerance_lets_it_pass(base: Path, suite: Path, tmp_path: Path) -> None:
    """One of two answers is lost in every article: 50 points."""

    def half(line: small_runs.Line) -> str:
        return "wrong" if line["example"].endswith("q0") else _answer(line)

    head = small_runs.changed_copy(
        base, tmp_path / "half", small_runs.replacing_texts(suite, "no-answer", "answer", half)
    )
    assert _gate(base, head, "--tolerance", "f1=0.5", "--tolerance", "rougeLsum=0.01") == 0
    assert _gate(base, head, "--tolerance", "f1=0.49") == 1


def test_fewer_examples_fail(base: Path, suite: Path, tmp_path: Path) -> None:
    assert _gate(base, small_runs.run(suite, tmp_path / "short", limit=4)) == 1


def test_grown_failures_fail(base: Path, tmp_path: Path) -> None:
    def fail(line: small_runs.Line) -> small_runs.Line:
        return small_runs.failing(line) if line["example"] == "e/q1" else line

    head = small_runs.changed_copy(base, tmp_path / "failing", fail)
    assert _gate(base, head) == 1
    assert _gate(head, base) == 0


def test_the_incomparable_is_refused_by_the_part_that_differs(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = small_runs.changed_copy(base, tmp_path / "other", lambda line: line)

    def edit(board: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
        small_runs.row(board, "lead-3", "summarize")["metrics"]["rougeLsum"]["signature"] += (
            "|new:1"
        )

    small_runs.edit_board(head, edit)
    report = tmp_path / "gate.xml"
    assert _gate(base, head, "--junit", str(report)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("harness: 1 row cannot be held against the baseline; lead-3 summarize")
    assert line.endswith("-> new:1")
    assert ET.parse(report).getroot().get("errors") == "1"  # noqa: S314


def test_a_run_scored_by_older_rules_is_told_how_it_is_made_comparable(
    suite: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = small_runs.changed_copy(base, tmp_path / "old", lambda line: line)

    def edit(board: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
        metrics = small_runs.row(board, "lead-3", "summarize")["metrics"]
        signature = metrics["rougeLsum"]["signature"]
        metrics["rougeLsum"]["signature"] = re.sub(
            "sentences:harness-[0-9]+", "sentences:harness-0", signature
        )

    small_runs.edit_board(old, edit)
    hint = (
        "scored by two versions of sentences:harness; `harness eval` again, as the older run was "
        "made, scores its stored predictions anew without a model"
    )
    assert _gate(old, base) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"; {hint}")
    assert main(["compare", str(old), str(base), "-q"]) == 0
    assert f"They were {hint}." in " ".join(capsys.readouterr().out.split())
    assert hint in verify(old, suite).notes


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--tolerance", "f1"], "must be METRIC=X with X from 0 to below 1 (0.02 is two points)"),
        (["--tolerance", "f1=2"], "not 'f1=2'"),
        (["--tolerance", "f1=nan"], "not 'f1=nan'"),
        (
            ["--tolerance", "rouge1=0.1"],
            "no primary metric 'rouge1' in these runs; did you mean rougeLsum?",
        ),
        (["--markdown", "/dev/null/x"], "/dev/null/x: cannot be written"),
    ],
)
def test_bad_usage_is_one_line(
    base: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    assert _gate(base, base, *more) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_json_has_the_verdicts(base: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _gate(base, bad, "--json", "--tolerance", "f1=0.1") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == 1
    assert found["tolerances"] == {"f1": 0.1}
    (failed,) = [one for one in found["verdicts"] if one["state"] == "failed"]
    assert failed["name"] == {"model": "no-answer", "task": "answer", "scope": "article"}
    assert failed["pair"]["scores"]["worse"] == 10


def test_the_summary_is_markdown_that_outputs_cannot_break(
    base: Path, bad: Path, tmp_path: Path
) -> None:
    report = tmp_path / "gate.md"
    assert _gate(base, bad, "--markdown", str(report)) == 1
    text = report.read_text(encoding="utf-8")
    lines = text.split("\n")
    assert lines[0] == "### Gate: a regression (1 failed, 5 passed)"
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    assert cells[0] == ["row", "verdict", "change in points, 95 % interval"]
    assert ["no-answer answer", "**FAILED**", "f1 -100.0 points in every article: worse"] in cells
    assert text.count("<details>") == text.count("</details>") == 1
    # The output has two backticks, so the fence has three, twice, and each alone on its line.
    assert [line for line in lines if "```" in line] == ["```", "```"]


# Jenkins's junit-10.xsd: the attributes and children that each element may have.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "disabled", "skipped",
                  "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "classname", "assertions", "time", "status"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
    "system-out": set(),
}  # fmt: skip
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase", "system-out", "properties"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def test_the_xml_is_junit_s_whatever_the_outputs_hold(
    base: Path, bad: Path, suite: Path, tmp_path: Path
) -> None:
    report = tmp_path / "gate.xml"
    assert _gate(base, bad, "--junit", str(report)) == 1
    root = ET.parse(report).getroot()  # noqa: S314
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    (tests,) = root
    assert (tests.get("tests"), tests.get("failures"), tests.get("errors")) == ("6", "1", "0")
    assert len(list(tests)) == 6
    (failure,) = root.iter("failure")
    assert failure.get("message") == "f1 -100.0 points in every article: worse"
    assert failure.text is not None
    assert "| `` <b>⟦U+0000⟧⟦U+001B⟧ ]]> &amp; \U0001f600" in failure.text
