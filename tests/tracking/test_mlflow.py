"""MLflow with a database of SQLite, as its own client reads it: the extra `mlflow`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harness.tracking.mlflow_process
from harness.cli import main
from harness.environment import installed_version
from tests import small_runs

PROGRAM = Path(harness.tracking.mlflow_process.__file__)
needs_mlflow = pytest.mark.skipif(
    not installed_version("mlflow-skinny"), reason="needs the extra mlflow: make test-all"
)
OPTIONS = ["--models", "lead-3,no-answer", "--out", "run"]
# Prints all that MLflow has of an experiment; of artifacts the content.
READ = """\
import json, sys
from pathlib import Path
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name(sys.argv[2])
runs = client.search_runs([experiment.experiment_id]) if experiment else []
print(json.dumps([{
    "id": run.info.run_id, "name": run.info.run_name, "status": run.info.status,
    "params": run.data.params, "metrics": run.data.metrics, "tags": run.data.tags,
    "artifacts": {
        file.path: Path(client.download_artifacts(run.info.run_id, file.path)).read_text("utf-8")
        for file in client.list_artifacts(run.info.run_id)
    },
} for run in runs]))
"""
DELETED = """\
import sys
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
client.delete_experiment(client.create_experiment(sys.argv[2]))
"""
# Runs a program whose every call for a network fails, and is counted on stderr.
WITHOUT_NETWORK = """\
import runpy, socket, sys
def refused(*arguments, **others):
    print("NETWORK", arguments, file=sys.stderr, flush=True)
    raise OSError("no network")
socket.getaddrinfo = socket.socket.connect = refused
runpy.run_path(sys.argv[1], run_name="__main__")
import time
time.sleep(2)  # what MLflow reports, it reports in a thread
"""


def _python(code: str, *arguments: str, **others: Any) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"} | others.pop("env", {})
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, check=True, env=environment, timeout=600, **others,
    )  # fmt: skip


def _runs(uri: str, experiment: str) -> dict[str, Any]:
    told = json.loads(_python(READ, uri, experiment).stdout.splitlines()[-1])
    return {run["name"]: run for run in told}


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite in the folder where a command runs."""
    folder = small_runs.suite(tmp_path / "birds", 3, 2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return folder


@needs_mlflow
@pytest.mark.minutes
def test_mlflow_has_what_the_leaderboard_says(
    suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = "sqlite:///new/mlflow.db"
    command = ["eval", "--suite", str(suite), *OPTIONS, "--tracker", "mlflow", "--json"]
    assert main([*command, "--tracker-uri", uri]) == 0
    said = capsys.readouterr()
    board = json.loads(said.out)
    runs = _runs(uri, board["suite"]["id"])
    parent = runs["run"]
    assert f"told MLflow of the run: {parent['id']}" in said.err
    assert {run["status"] for run in runs.values()} == {"FINISHED"}
    names = {row["model"] for row in board["rows"]}
    assert runs.keys() == names | {"run"}
    assert {runs[name]["tags"]["mlflow.parentRunId"] for name in names} == {parent["id"]}
    for run in runs.values():
        assert run["tags"]["harness.suite_sha256"] == board["suite"]["hash"]
    assert parent["params"]["primary.answer"] == "f1"
    assert parent["artifacts"]["leaderboard.json"] == Path("run/leaderboard.json").read_text(
        "utf-8"
    )
    assert parent["artifacts"]["report.html"] == Path("run/report.html").read_text("utf-8")
    for row in board["rows"]:
        told, task = runs[row["model"]], row["task"]
        assert told["params"]["role"] == row["role"]
        assert told["metrics"][f"{task}/error"] == row["counts"]["error"]
        for name, number in row["metrics"].items():
            assert told["params"][f"{task}.signature.{name}"] == number["signature"]
            if number["mean"] is None:
                continue
            ends = number["interval"] or {}
            assert [
                told["metrics"].get(f"{task}/{name}{part}") for part in ("", ".n", ".low", ".high")
            ] == [number["mean"], number["n"], ends.get("low"), ends.get("high")]
    assert runs["lead-3"]["params"]["summarize.identity.kind"] == "lead"


@needs_mlflow
@pytest.mark.minutes
def test_what_mlflow_does_not_take_costs_nothing(
    suite: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into an experiment that was deleted MLflow takes no run."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "gone")
    _python(DELETED, "sqlite:///mlflow.db", "gone")
    assert main(["eval", "--suite", str(suite), *OPTIONS, "--tracker", "mlflow", "-q"]) == 0
    *_, said = capsys.readouterr().err.splitlines()
    assert said.startswith("harness: the tracker has not taken the run: MlflowException: ")
    assert said.endswith(
        "the results stand, and the same command again asks no model and tries again"
    )
    assert main(["verify", "run"]) == 0


@needs_mlflow
@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sqlite:///birds/goldens/a.yaml", "file is not a database"),
        ("sqlite:////proc/mlflow.db", "unable to open database file"),
        ("sqlite://mlflow.db", "Invalid SQLite URL"),
        pytest.param("http://me:secret@127.0.0.1:1", "refused", marks=pytest.mark.minutes),
    ],
)
def test_a_store_that_cannot_be_used_stops_it_before_a_model_runs(
    suite: Path, capsys: pytest.CaptureFixture[str], uri: str, said: str
) -> None:
    command = ["eval", "--suite", str(suite), *OPTIONS, "--tracker", "mlflow"]
    assert main([*command, "--tracker-uri", uri]) == 2
    *_, line = capsys.readouterr().err.splitlines()
    assert said in line
    assert "name another store, or leave --tracker out" in line
    assert "secret" not in line
    assert not Path("run").exists()


@needs_mlflow
@pytest.mark.minutes
def test_mlflow_asks_nobody(tmp_path: Path) -> None:
    """Left to itself it asks config.mlflow-telemetry.io, unless it sees that tests run it."""
    run = {"name": "a", "tags": {}, "params": {"p": "1"}, "metrics": {"m": 0.5}, "artifacts": []}
    request = {"uri": f"sqlite:///{tmp_path}/mlflow.db", "experiment": "e", "runs": [run]}
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, str(PROGRAM)],
        input=json.dumps(request), capture_output=True, text=True, check=True, cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, timeout=600,
    )  # fmt: skip
    assert "run" in json.loads(finished.stdout.splitlines()[-1])
    assert "NETWORK" not in finished.stderr


@needs_mlflow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tracker", "mlflow"], "where its runs are is not said; give --tracker-uri"),
        (["--tracker", "mlflow", "--tracker-uri", "mlflow.db"], "mlflow.db: is no URI; name a"),
    ],
)
def test_a_tracker_without_a_place_is_refused(
    suite: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["eval", "--suite", str(suite), *OPTIONS, *options]) == 2
    assert said in capsys.readouterr().err
    assert not Path("run").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tracker-uri", "sqlite:///x.db"], "give --tracker too"),
        (["--tracker", "mlflow", "--shard", "1/2"], "a shard has no numbers; leave it out here"),
        (["--tracker", "wandb"], "invalid choice: 'wandb'"),
    ],
)
def test_options_that_say_nothing_together_are_refused(
    suite: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["eval", "--suite", str(suite), *OPTIONS, *options]) == 2
    assert said in capsys.readouterr().err
    assert not Path("run").exists()


@pytest.mark.skipif(bool(installed_version("mlflow-skinny")), reason="MLflow is installed here")
def test_without_the_package_it_says_what_to_install(
    suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--tracker", "mlflow", "--tracker-uri", "sqlite:///x.db"]
    assert main(["eval", "--suite", str(suite), *OPTIONS, *options]) == 2
    *_, line = capsys.readouterr().err.splitlines()
    assert "not installed, but needed for --tracker mlflow: mlflow-skinny" in line
    assert "install" in line
    assert not Path("run").exists()
