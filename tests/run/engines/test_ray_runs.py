"""`harness eval --engine ray` from end to end, on real Ray: what it writes, refuses and leaves."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.eval.evaluate import evaluate
from tests import small_runs
from tests.run.engines.clusters import add_node, await_true, nodes, processes_of

pytest.importorskip("ray", reason="ray is not installed: make test-all installs it")
pytestmark = [pytest.mark.minutes, pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parent.parent.parent.parent
COSTS = {
    "seconds",
    "peak_memory",
    "peak_memory_bytes",
    "batch",
    "cached",
    "environment",
    "tokens_per_second",
}


class Finished(NamedTuple):
    pid: int
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def roster(tmp_path: Path, tiny_folder: Callable[..., Path]) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(
        f"""\
[tiny-qa]
kind = "extractive"
max_tokens = 64
stride = 16
screen = false
weights = {{ folder = "{tiny_folder("bert_qa")}" }}
[tiny-bart]
kind = "seq2seq"
max_new_tokens = 8
weights = {{ folder = "{tiny_folder("bart")}" }}
[tiny-llama]
kind = "causal"
weights = {{ folder = "{tiny_folder("llama", dated=False)}" }}
[tiny-llama.resources]
cpus = 1
[lexrank]
kind = "lexrank"
""",
        encoding="utf-8",
    )
    return path


def _command(*options: object) -> list[str]:
    return [sys.executable, "-m", "harness", "eval", *map(str, options)]


def _eval(folder: Path, *options: object) -> Finished:
    """Run from a folder that is no checkout: what a worker imports is what is installed for it."""
    paths = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "THIS_RUN": str(folder)}
    with subprocess.Popen(
        _command(*options),
        cwd=folder,
        env=os.environ | paths,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        out, err = process.communicate(timeout=600)
        return Finished(process.pid, process.returncode, out, err)


def _told(run: Path) -> tuple[list[Any], Any]:
    """Return what a run says of its predictions and in its leaderboard, but no costs and places."""
    lines = (run / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    return [_costless(json.loads(line)) for line in lines], _costless(
        json.loads((run / "leaderboard.json").read_text(encoding="utf-8"))
    )


def _costless(value: Any) -> Any:
    left_out = COSTS | {"environments", "predictions_sha256", "content_sha256", "out", "cost"}
    if isinstance(value, dict):
        return {key: _costless(part) for key, part in value.items() if key not in left_out}
    return [_costless(part) for part in value] if isinstance(value, list) else value


def _folders(process: int) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"harness-ray-{process}-*"))


def _stored(run: Path) -> int:
    with sqlite3.connect(run / "predictions.sqlite") as db:
        count: int = db.execute("SELECT count(*) FROM predictions").fetchone()[0]
    return count


def test_it_says_what_one_process_says_and_leaves_nothing_behind(
    tmp_path: Path, roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    suite = small_runs.suite(tmp_path / "suite", articles=4, questions=3)
    alone = evaluate(suite, [roster], out=tmp_path / "alone")
    choice = ("--suite", suite, "--roster", roster, "--out", tmp_path / "carried")
    carried = _eval(tmp_path, *choice, "--engine", "ray")
    assert carried.returncode == (3 if alone.failures else 0), carried.stderr
    assert _told(tmp_path / "carried") == _told(tmp_path / "alone")
    assert "Traceback" not in carried.stderr
    assert processes_of(str(tmp_path)) == set()
    assert _folders(carried.pid) == []


def test_a_driver_that_is_killed_leaves_no_process_and_the_same_command_goes_on(
    tmp_path: Path,
) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=20, questions=20)
    out = tmp_path / "run"
    options = (
        "--suite",
        suite,
        "--models",
        "best-sentence,lexrank",
        "--out",
        out,
        "--engine",
        "ray",
    )
    paths = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "THIS_RUN": str(tmp_path)}
    with subprocess.Popen(
        _command(*options), cwd=tmp_path, env=os.environ | paths, stderr=subprocess.PIPE
    ) as driver:
        await_true(lambda: (out / "predictions.sqlite").is_file() and _stored_at_least(out, 1))
        driver.send_signal(signal.SIGKILL)
    await_true(lambda: not processes_of(str(tmp_path)))
    kept = _stored(out)
    assert kept > 0
    with sqlite3.connect(out / "predictions.sqlite") as db:
        first = dict(db.execute("SELECT key, checksum FROM predictions"))
    finished = _eval(tmp_path, *options)
    assert finished.returncode == 0, finished.stderr
    with sqlite3.connect(out / "predictions.sqlite") as db:
        second = dict(db.execute("SELECT key, checksum FROM predictions"))
    assert first.items() <= second.items()  # the costs too: nothing was made twice
    assert _folders(driver.pid) == []


def _stored_at_least(run: Path, count: int) -> bool:
    try:
        return _stored(run) >= count
    except sqlite3.Error:
        return False


def test_a_cluster_is_joined_and_a_node_with_another_version_is_turned_away(
    tmp_path: Path,
) -> None:
    """With no other node there is no worker; once there is one, the same command goes on."""
    older = tmp_path / "older"
    shutil.copytree(
        ROOT / "harness", older / "harness", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (older / "harness" / "errors.py").open("a", encoding="utf-8") as file:
        file.write("# as it was before\n")
    suite = small_runs.suite(tmp_path / "suite", articles=3, questions=2)
    with nodes({"PYTHONPATH": str(older)}) as cluster:
        options = ("--suite", suite, "--models", "lead-3", "--engine", "ray")
        joined = (*options, "--address", cluster.address, "--out", tmp_path / "run")
        crowd = _eval(tmp_path, *joined, "--workers", 3)
        assert crowd.returncode == 2
        assert "--workers 3: the cluster has room for 1 of" in crowd.stderr
        assert not (tmp_path / "run").exists()
        nobody = _eval(tmp_path, *joined, "--wait", 1)
        assert nobody.returncode == 3, nobody.stderr
        assert nobody.stderr.count("joined the Ray cluster at") == 1
        assert nobody.stderr.count("its workers are turned away: its harness is another") == 1
        assert "harness: no worker is left that can do what is to be done" in nobody.stderr
        assert not (tmp_path / "run" / "leaderboard.json").exists()
        add_node(cluster, {"PYTHONPATH": str(ROOT)})
        run = _eval(tmp_path, *joined)
        assert run.returncode == 0, run.stderr
        assert (tmp_path / "run" / "leaderboard.json").exists()


def test_an_address_where_nothing_listens_is_one_line_soon(tmp_path: Path) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    began = time.monotonic()
    options = ("--suite", suite, "--engine", "ray", "--address", address, "--out", tmp_path / "run")
    run = _eval(tmp_path, *options)
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].startswith(f"harness: --address {address}: nothing answers")
    assert time.monotonic() - began < 60  # 15 s on a machine that does nothing else
    assert not (tmp_path / "run").exists()
