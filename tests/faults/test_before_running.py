"""What would cost a leaderboard after predicting is found before the first model runs."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.report.verb import after_eval
from tests import small_runs


def _no_run(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that predicts nothing, and return its last line on stderr."""
    assert main(command) == 2
    said = capsys.readouterr().err
    assert " predicted, " not in said
    return said.splitlines()[-1]


@pytest.mark.parametrize("article", ["", "   ", "!?"])
def test_an_article_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], article: str
) -> None:
    rows = [{"id": "1", "article": "Ann met Bob.", "summary": "They met."}]
    rows.append({"id": "2", "article": article, "summary": "They met."})
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = _no_run(["eval", "--suite", f"data:{file}", "--out", str(tmp_path / "run")], capsys)
    assert told.startswith("harness: 2: its article has no word, so no summary of it can be scored")


@pytest.mark.parametrize("flag", ["--out", "--suite", "--roster"])
def test_a_name_that_is_no_utf_8(capsys: pytest.CaptureFixture[str], flag: str) -> None:
    name = os.fsdecode(b"r\xff")
    assert _no_run(["eval", flag, name], capsys) == (
        r"harness: 'r\udcff': is no UTF-8; give it another name"
    )


def test_a_folder_that_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here").rmdir()
    assert _no_run(["models"], capsys) == (
        "harness: this folder was removed; change to one that is there"
    )


@pytest.mark.parametrize("name", ["a/b--c", "a/b..c", "a/-b", "a/b.git"])
def test_a_name_that_the_hub_cannot_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """huggingface_hub's `validate_repo_id` raises for these."""
    roster = tmp_path / "roster.toml"
    commit = "37f520fa929c961707657b28798b30c003dd100b"
    roster.write_text(
        f'[a]\nkind = "causal"\nweights = {{ hub = "{name}", revision = "{commit}" }}\n'
    )
    told = _no_run(["eval", "--suite", "demo", "--roster", str(roster)], capsys)
    assert "weights.hub: must be OWNER/NAME, as the Hub shows it, such as" in told
    assert told.endswith(f'not "{name}"')


def test_a_data_set_that_the_hub_cannot_have(capsys: pytest.CaptureFixture[str]) -> None:
    told = _no_run(["eval", "--suite", f"hub:a/b--c@{'0' * 40}#test"], capsys)
    assert told.endswith("no data set on the Hub can be named a/b--c")


def test_a_seed_that_leads_out_of_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=1, questions=1)
    (suite / "seeds" / "a.txt").unlink()
    (suite / "seeds" / "a.txt").symlink_to("/etc/passwd")
    told = _no_run(["eval", "--suite", str(suite), "--out", str(tmp_path / "run")], capsys)
    assert told.endswith("a.txt: is a link that leads out of its folder; copy the file there")


def test_a_report_that_cannot_be_drawn_costs_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of too few file handles, of memory, or whatever else: the leaderboard is written."""

    class Failing(subprocess.Popen[str]):
        def __init__(self, *_: object, **__: object) -> None:
            raise OSError(24, "Too many open files")

        def __del__(self, *_: object) -> None:
            """Nothing was begun."""

    suite = small_runs.suite(tmp_path / "suite", articles=1, questions=1)
    run = small_runs.run(suite, tmp_path / "run")
    monkeypatch.setattr("subprocess.Popen", Failing)
    assert after_eval(run) is None
    assert capsys.readouterr().err.splitlines()[-1] == (
        "harness: no report was written: its plots cannot be drawn: [Errno 24] Too many open "
        f"files; `harness report {run}` tries again"
    )


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


NO_FILE = "is a pipe or a device; put the file itself there"


@pytest.mark.parametrize(
    ("lay", "told"),
    [(_pipe, NO_FILE), (_device, NO_FILE), (_loop, "there is no such")],
)
def test_a_pipe_a_device_and_a_link_to_itself_are_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lay: Callable[[Path], None], told: str
) -> None:
    """Where a data set, a roster or a folder of a run is named; a pipe would be waited for."""
    for name in ("rows.jsonl", "roster.toml"):
        lay(tmp_path / name)
    out = ["--out", str(tmp_path / "run")]
    for command in (
        ["eval", "--suite", f"data:{tmp_path / 'rows.jsonl'}", *out],
        ["eval", "--suite", "demo", "--roster", str(tmp_path / "roster.toml"), *out],
    ):
        assert told in _no_run(command, capsys)
    assert not (tmp_path / "run").exists()


def test_a_store_that_is_no_file_is_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lays: list[Callable[[Path], None]] = [_pipe, _device, Path.mkdir]
    for number, lay in enumerate(lays):
        store = tmp_path / f"run-{number}" / "predictions.sqlite"
        store.parent.mkdir()
        lay(store)
        command = ["eval", "--suite", "demo", "--models", "lead-3", "--out", str(store.parent)]
        assert _no_run(command, capsys) == (
            f"harness: {store}: the store of predictions: is a folder, a pipe or a device; move it "
            "away, or choose another --out"
        )


def test_a_leaderboard_that_is_no_file_is_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run says where its suite is: that is looked up before anything else."""
    lays: list[Callable[[Path], object]] = [_pipe, _device, lambda p: p.write_text("[" * 100_000)]
    for number, lay in enumerate(lays):
        board = tmp_path / f"run-{number}" / "leaderboard.json"
        board.parent.mkdir()
        lay(board)
        assert str(board.parent) in _no_run(["verify", str(board.parent)], capsys)
