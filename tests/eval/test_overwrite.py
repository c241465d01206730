"""What a verb writes never replaces a run of something else, an input, or a file of another kind."""

import json
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from tests import small_runs


def _eval(suite: Path, out: Path, *more: str) -> int:
    return main(
        ["eval", "--suite", str(suite), "--models", "no-answer", "--out", str(out), "-q", *more]
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.splitlines()[-1]


def test_a_run_of_another_suite_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = small_runs.run(small_runs.suite(tmp_path / "mine", 1, 1), tmp_path / "out")
    other = small_runs.suite(tmp_path / "other", 1, 2)
    before = _contents(out)
    assert _eval(other, out) == 2
    assert _last_line(capsys) == (
        f"harness: {out}: holds what `harness eval` made of 'mine', which 'other' would replace; "
        "choose another folder with --out, or --overwrite to replace it"
    )
    assert _contents(out) == before
    assert _eval(other, out, "--dry-run") == 0
    assert _contents(out) == before
    assert _eval(other, out, "--overwrite") == 0
    assert json.loads((out / "leaderboard.json").read_text())["suite"]["id"] == "other"


def test_predictions_and_pages_of_something_else_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite, out = small_runs.suite(tmp_path / "mine", 1, 1), tmp_path / "out"
    out.mkdir()
    own = out / "predictions.jsonl"
    own.write_text('{"example": "a", "prediction": "x"}\n', encoding="utf-8")
    assert _eval(suite, out) == 2
    assert f"--out {own}: is there already and is no file of a run" in _last_line(capsys)
    assert own.read_text() == '{"example": "a", "prediction": "x"}\n'
    assert _eval(suite, out, "--overwrite") == 0
    (out / "leaderboard.json").unlink()
    (out / "report.html").write_text("mine", encoding="utf-8")
    assert _eval(suite, out) == 0  # the predictions are those of a run
    assert "no report was written: the run's page" in _last_line(capsys)
    assert (out / "report.html").read_text() == "mine"


def test_an_edited_suite_is_run_again_freely(tmp_path: Path) -> None:
    suite = small_runs.suite(tmp_path / "mine", 1, 1)
    out = small_runs.run(suite, tmp_path / "out")
    first = json.loads((out / "leaderboard.json").read_text())["suite"]["hash"]
    golden = suite / "goldens" / "a.yaml"
    golden.write_text(golden.read_text().replace("number 0", "the number"), encoding="utf-8")
    assert _eval(suite, out) == 0
    assert json.loads((out / "leaderboard.json").read_text())["suite"]["hash"] != first


def test_what_is_no_leaderboard_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "leaderboard.json").write_text("[]", encoding="utf-8")
    assert _eval(small_runs.suite(tmp_path / "mine", 1, 1), out) == 2
    assert "leaderboard.json: is no leaderboard, and would be replaced" in _last_line(capsys)
    assert (out / "leaderboard.json").read_text() == "[]"


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with references, predictions and a run, where the command runs."""
    monkeypatch.chdir(tmp_path)
    small_runs.run(small_runs.suite(tmp_path / "gold", 1, 1), tmp_path / "run")
    for name in ("gold.jsonl", "other.jsonl", "said.jsonl"):
        line = '{"id": "a", "summary": "Ann met Bob."}\n'
        (tmp_path / name).write_text(line, encoding="utf-8")
    (tmp_path / "notes.parquet").write_text("notes", encoding="utf-8")
    return tmp_path


def _score(*more: str, references: str = "gold.jsonl") -> int:
    return main(["score", "--references", references, "--predictions", "said.jsonl", *more])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--items gold.jsonl", "--items gold.jsonl: is read, too; choose another name"),
        ("--items gold/../said.jsonl", "said.jsonl: is read, too"),
        ("--items other.jsonl", "--items other.jsonl: is there already and is no file of items"),
        ("--items run/predictions.jsonl", "predictions.jsonl: is there already and is no file of"),
        ("--items notes.parquet", "notes.parquet: is there already and is no file of items"),
        ("--out run", "run: holds what `harness eval` made of 'gold', which 'gold' would replace"),
    ],
)
def test_score_replaces_nothing_else(
    outputs: Path, capsys: pytest.CaptureFixture[str], arguments: str, message: str
) -> None:
    before = _contents(outputs) | _contents(outputs / "run")
    assert _score(*arguments.split()) == 2
    assert message in _last_line(capsys)
    assert _contents(outputs) | _contents(outputs / "run") == before


def test_score_replaces_its_own(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        for name in ("items.jsonl", "items.parquet"):
            assert _score("--items", name, "--out", "scores") == 0
    before = _contents(outputs / "scores")
    assert _score("--out", "scores", references="other.jsonl") == 2
    assert "scores: holds what `harness score` made of 'gold', which 'other'" in _last_line(capsys)
    assert _contents(outputs / "scores") == before
    assert _eval(outputs / "gold", outputs / "scores") == 2
    assert _contents(outputs / "scores") == before


def test_a_report_replaces_a_report_only(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _contents(outputs / "run")
    for name in ("leaderboard.json", "predictions.jsonl", "predictions.sqlite"):
        assert main(["report", "run", "--out", f"run/{name}"]) == 2
        assert f"--out run/{name}: is there already and is no page of a run" in _last_line(capsys)
    (outputs / "mine.html").write_text("<!doctype html>\n<p>Mine.</p>\n", encoding="utf-8")
    assert main(["report", "run", "--out", "mine.html"]) == 2
    assert _contents(outputs / "run") == before
    for _ in range(2):
        assert main(["report", "run", "--out", "page.html"]) == 0
    assert main(["report", "run", "--out", "run/report.html"]) == 0
    shutil.copytree(outputs / "run", outputs / "earlier")
    assert main(["report", "run", "--out", "earlier/report.html"]) == 2
    assert "earlier/report.html: is the page of the run there" in _last_line(capsys)


def test_a_gate_replaces_its_own_summaries_only(
    outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _contents(outputs / "run")
    gate = ["gate", "run", "--baseline", "run"]
    for option in ("--markdown", "--junit"):
        for name in ("leaderboard.json", "predictions.jsonl", "predictions.sqlite"):
            assert main([*gate, option, f"run/{name}"]) == 2
            assert f"{option} run/{name}: is there already and is no summary" in _last_line(capsys)
    assert _contents(outputs / "run") == before
    for _ in range(2):
        assert main([*gate, "--markdown", "gate.md", "--junit", "gate.xml"]) == 0
