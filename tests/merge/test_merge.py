"""Shards of a run by models of several kinds, merged, against the run of one process."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.eval.shards.shard_file import SHARD_FILE
from harness.leaderboard.run_folder import LEADERBOARD, PREDICTIONS, STORE
from harness.merge.merge import merge
from harness.records import Prediction
from harness.run.shard import shard_of
from harness.run.store import Store
from harness.verify.verification import verify
from tests import small_runs
from tests.merge.shard_runs import board, run_shards, told_apart

FLOORS = """\
[lead-2]
kind = "lead"
sentences = 2
[quoting]
kind = "best-sentence"
"""
NETWORKS = """\
[spans]
kind = "extractive"
weights = {{ folder = "{bert_qa}" }}
[translates]
kind = "seq2seq"
weights = {{ folder = "{t5}" }}
max_new_tokens = 6
long = "cut"
tasks = ["summarize"]
[writes]
kind = "causal"
weights = {{ folder = "{llama}" }}
tasks = ["summarize"]
prompts = {{ summarize = "short" }}
"""
PROMPT = """\
name = "short"
version = 1
task = "summarize"
max_new_tokens = 6
user = "{article}"
"""
COUNT = 3
OPTIONS = ["--question-weights", "references", "-q"]


@pytest.fixture(
    scope="module", params=["quoting", pytest.param("spans", marks=pytest.mark.minutes)]
)
def models(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tiny_folder: Callable[..., Path],
) -> list[str]:
    """Return the options of a roster and its reader: of floors, or of networks too."""
    path = tmp_path_factory.mktemp("roster") / "roster.toml"
    roster = FLOORS
    if request.param == "spans":
        folders = {name: tiny_folder(name) for name in ("bert_qa", "t5", "llama")}
        roster += NETWORKS.format(**folders)
        (path.parent / "prompts").mkdir()
        (path.parent / "prompts" / "short.toml").write_text(PROMPT, encoding="utf-8")
    path.write_text(roster, encoding="utf-8")
    return ["--roster", str(path), "--reader", request.param]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, models: list[str], suite: Path) -> Path:
    out = tmp_path_factory.mktemp("whole") / "run"
    _, roster, _, reader = models
    evaluate(suite, [roster], out=out, reader=reader, question_weights="references")
    return out


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory, models: list[str], suite: Path) -> list[Path]:
    root = tmp_path_factory.mktemp("shards")
    return run_shards(root, COUNT, "--suite", str(suite), *models, *OPTIONS)


def _content(folders: Iterable[Path]) -> dict[Path, bytes]:
    return {file: file.read_bytes() for folder in folders for file in sorted(folder.iterdir())}


def test_merged_shards_are_the_run_of_one_process(
    tmp_path: Path,
    suite: Path,
    whole: Path,
    shards: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = _content(shards)
    out = tmp_path / "merged"
    assert main(["merge", *map(str, shards), "--out", str(out), "-q"]) == 0
    printed = capsys.readouterr().out
    assert printed.rstrip().endswith(f"Leaderboard: {out / LEADERBOARD}\nReport: {out}/report.html")
    assert told_apart(whole, out) == []
    rows = {(row.task, row.scope, row.role) for row in board(out).rows}
    assert {("summarize", "event", "floor"), ("summarize", "article", "people")} <= rows
    (judge,) = board(out).judges
    assert judge.calls == board(whole).judges[0].calls > 20
    assert verify(out, suite).differences == ()
    assert _content(shards) == before
    assert not list(tmp_path.glob(".*"))


def test_a_tree_of_merges_is_the_same_run(tmp_path: Path, whole: Path, shards: list[Path]) -> None:
    assert merge(shards[1:], tmp_path / "part", stores_only=True) is None
    assert json.loads((tmp_path / "part" / SHARD_FILE).read_text())["shards"] == [2, 3]
    evaluation = merge([tmp_path / "part", shards[0]], tmp_path / "merged")
    assert evaluation
    assert evaluation.failures == []
    assert evaluation.path == tmp_path / "merged" / LEADERBOARD
    assert told_apart(whole, tmp_path / "merged") == []
    assert merge([tmp_path / "merged"], tmp_path / "again")
    assert told_apart(whole, tmp_path / "again") == []


def test_one_shard_of_one_is_the_whole(tmp_path: Path) -> None:
    suite = small_runs.suite(tmp_path / "suite", 3, 2)
    options = ["--suite", str(suite), "--models", "lead-3,best-sentence"]
    (folder,) = run_shards(tmp_path, 1, *options)
    evaluate(suite, models=["lead-3", "best-sentence"], out=tmp_path / "whole")
    merge([folder], tmp_path / "merged")
    assert told_apart(tmp_path / "whole", tmp_path / "merged") == []


def test_the_command_that_merges_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small_runs.suite(Path("suite"), 3, 2)
    command = ["eval", "--suite", "suite", "--models", "lead-3", "--shard", "1/2"]
    assert main([*command, "--out", "out/run-01", "-q"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Shard 1/2: ")
    assert text.splitlines()[-1] == "harness merge out/run-*/ --out out/run"
    assert main([*command, "--out", "elsewhere", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    names = [name for name in "abc" if shard_of(name, 2) == 1]
    assert facts["examples"] == len(names)  # of each the summary, which alone is asked for
    assert facts["merge"] == "harness merge elsewhere ... --out RUN"


def _small(tmp_path: Path, count: int = 2, *more: str) -> tuple[Path, list[Path]]:
    """Return a suite of nine articles, and shards of the floors on it."""
    suite = small_runs.suite(tmp_path / "suite", 9, 1)
    options = ["--suite", str(suite), "--models", "lead-3,no-answer", "-q", *more]
    return suite, run_shards(tmp_path, count, *options)


def test_what_is_missing_is_told_by_shard_or_counts_as_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folders = _small(tmp_path, 4)
    with sqlite3.connect(folders[1] / STORE) as db:  # as if it had been stopped before its end
        lost = db.execute("SELECT count(*) FROM predictions").fetchone()[0] - 1
        db.execute("DELETE FROM predictions WHERE key > (SELECT min(key) FROM predictions)")
    db.close()
    out = tmp_path / "merged"
    command = ["merge", *map(str, (folders[0], folders[1], folders[3])), "--out", str(out), "-q"]
    assert main(command) == 2
    assert "the shards 3/4 are missing: run them" in capsys.readouterr().err
    assert main(["merge", *map(str, folders), "--out", str(out), "-q"]) == 2
    err = capsys.readouterr().err
    assert f"harness: {lost} predictions are missing: {lost} of shard 2/4; run these" in err
    assert not out.exists()
    assert not list(tmp_path.glob(".*"))
    assert main([*command, "--allow-missing"]) == 3
    err = capsys.readouterr().err
    in_third = sum(shard_of(name, 4) == 3 for name in "abcdefghi")
    assert f"{lost} of shard 2/4" in err
    assert "not predicted: the shard 3/4 is not among those merged" in err + (
        out / PREDICTIONS
    ).read_text(encoding="utf-8")
    row = next(row for row in board(out).rows if row.model == "lead-3")
    assert row.counts.expected == 9
    assert row.counts.error >= in_third
    assert row.environments == board(out).rows[0].environments[:1]
    # What counted as failed is tried again where the run goes on, and gives way in a merge.
    assert merge([out, folders[2]], tmp_path / "later", allow_missing=True)


def _change(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / SHARD_FILE).read_text(encoding="utf-8"))
    change(content)
    (folder / SHARD_FILE).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c["suite"].update(hash="0" * 64), "the suites differ: suite (0000"),
        (lambda c: c.update(harness="9.9"), "the versions of the harness differ: 9.9 and "),
        (
            lambda c: c["models"][0]["identity"].update(revision=99),
            "the rosters differ in random-3 summarize.identity.revision: 99 and 1",
        ),
        (lambda c: c["models"].pop(), "the rosters differ in no-answer answer"),
        (lambda c: c.update(count=3), "one is of 3 shards, the other of 2"),
        (lambda c: c["suite"].update(limit=5), "the choices of examples differ in limit: 5 and n"),
        (
            lambda c: c.update(metric_options={"stemmer": False}),
            "the options differ in stemmer: false and none",
        ),
    ],
)  # fmt: skip
def test_shards_of_different_runs_are_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], object],
    told: str,
) -> None:
    _, folders = _small(tmp_path)
    _change(folders[0], change)
    assert main(["merge", *map(str, folders), "--out", str(tmp_path / "out"), "-q"]) == 2
    err = capsys.readouterr().err
    assert f"are no shards of one run: {told}" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_bad_input_is_one_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite, folders = _small(tmp_path)
    one, two = map(str, folders)
    shutil.copytree(one, tmp_path / "copy")
    (tmp_path / "empty").mkdir()
    small_runs.run(suite, tmp_path / "plain")
    capsys.readouterr()
    out = ["--out", str(tmp_path / "out")]
    shard = ["eval", "--suite", str(suite), "--models", "lead-3"]
    for command, told in (
        (["merge", one, two, one, *out], "is the same folder as"),
        (["merge", one, f"{one}/../run-1", *out], "is the same folder as"),
        (["merge", one, str(tmp_path / "copy"), two, *out], "both hold the shard 1/2"),
        (["merge", one, str(tmp_path / "none"), *out], "there is no such folder"),
        (["merge", one, str(tmp_path / "empty"), *out], "is no run of a shard: shard.json is"),
        (["merge", one, str(tmp_path / "plain"), *out], "is a run without shards"),
        (["merge", one, *out], "the shards 2/2 are missing"),
        (["merge", one, two, "--out", str(tmp_path / "empty")], "is there already"),
        (["merge", one, two, "--out", one], "is there already"),
        (["merge", one, two, *out, "--suite", "demo"], "is not what the shards were run on"),
        ([*shard, "--shard", "0/4", *out], "must be NUMBER/COUNT"),
        ([*shard, "--shard", "5/4", *out], "must be NUMBER/COUNT"),
        ([*shard, "--shard", "a/b", *out], "must be NUMBER/COUNT"),
        ([*shard, "--shard", "1/999999999", *out], "and that up to 1,000,000"),
        ([*shard, "--shard", "2/2", "--out", one], "holds the shard 1/2 of 'suite', and not 2/2"),
        ([*shard, "--shard", "1/2", "--out", str(tmp_path / "plain")], "holds a leaderboard"),
    ):
        before = sorted(tmp_path.rglob("*"))
        assert main([*command, "-q"]) == 2, command
        err = capsys.readouterr().err
        assert told in err, command
        assert err.count("\n") == 1
        assert sorted(tmp_path.rglob("*")) == before


def test_another_text_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second shard has another text of a network in float32, made in the same place."""
    _, folders = _small(tmp_path)
    command = ["merge", *map(str, folders), "--out", str(tmp_path / "out")]
    for folder, text in zip(folders, "ab", strict=True):
        with Store(folder / STORE) as store:
            store.put([("k", Prediction(text))], {"dtype": "float32"}, {"cpu": "one"})
    assert main([*command, "-q"]) == 2
    assert "though both are float32 and of one kind of place" in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run-1", "run-2", "suite"]
    with Store(folders[1] / STORE) as store:
        store.put([("k", Prediction("b"))], {"dtype": "float32"}, {"cpu": "another"})
    assert merge(folders, tmp_path / "out")
    assert "harness: 1 predictions have another text in another shard" in capsys.readouterr().err
