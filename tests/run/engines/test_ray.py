"""Workers on real Ray, two nodes on one machine: what is made, and what becomes of what dies."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.errors import StoreError, WorkersError
from harness.files import sha256_file
from harness.models.model import Model
from harness.records import Prediction
from harness.run.engines.engine import Job, Needs
from harness.run.engines.ray.dispatch import Dispatch
from harness.run.predict import Turn
from harness.run.store import Store
from tests.run.engines.clusters import add_node, await_true, model_processes, nodes
from tests.run.engines.models import Fragile, FragileStream, examples

ray = pytest.importorskip("ray", reason="ray is not installed: make test-all installs it")
pytestmark = [
    pytest.mark.minutes,
    pytest.mark.filterwarnings("ignore"),  # Ray leaves files and processes to the collector
]

WORDS = [f"word {number}" for number in range(24)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from harness.run.engines.ray.cluster import connected

    folder = tmp_path_factory.mktemp("weights")
    for name in ("these", "others"):
        (folder / name).write_text(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAGILE_WEIGHTS", str(folder / "these"))
        with (
            nodes({}, {"FRAGILE_WEIGHTS": str(folder / "others")}) as cluster,
            connected(cluster.address),
        ):
            yield cluster


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "s.sqlite") as store:
        yield store


def _job(
    store: Store, questions: Sequence[str], model: Model | None = None, memory: int | None = None
) -> Job:
    turn = Turn(model or Fragile(), examples(questions), store, {}, lambda *_: None)
    return Job("fragile", turn, Needs(1.0, 0.0, memory))


def _run(job: Job, wait: float = 60.0) -> list[Prediction]:
    from harness.run.engines.ray.actors import Actors

    Dispatch(Actors(), [job], wait=wait).run()
    return [one.stored.prediction for one in job.turn.predictions]


def _errors(predictions: Sequence[Prediction]) -> list[str | None]:
    return [prediction.error for prediction in predictions]


@pytest.mark.parametrize("model", [Fragile(), FragileStream()])
def test_an_example_that_ends_its_process_is_found_and_the_rest_is_made(
    cluster: Any, store: Store, model: Model
) -> None:
    """What the system says of a process that ended is the error: by a signal, or an exit code."""
    words = [*WORDS[:5], "signal 9", *WORDS[5:9], "exit 3", *WORDS[9:12]]
    made = _run(_job(store, words, model))
    expected = {
        "signal 9": "killed its worker twice: signal 9",
        "exit 3": "killed its worker twice: exit code 3",
    }
    assert _errors(made) == [expected.get(word) for word in words]
    assert [one.text for one in made if not one.error] == [
        word.upper() for word in words if word not in expected
    ]


def test_an_example_that_eats_its_memory_is_found(cluster: Any, store: Store) -> None:
    made = _run(_job(store, [*WORDS[:3], "eat", *WORDS[3:6]], memory=300_000_000))
    assert [error and error.partition(":")[0] for error in _errors(made)] == [
        None, None, None, "MemoryError", None, None, None,
    ]  # fmt: skip


def test_a_worker_that_is_killed_in_a_batch_costs_no_prediction(cluster: Any, store: Store) -> None:
    """Its process, and the actor above it."""
    job = _job(store, [f"nap 0.3{number}" for number in range(16)], Fragile(size=4))
    mark = str(Path(os.environ["FRAGILE_WEIGHTS"]).parent)

    def kill() -> None:
        await_true(lambda: model_processes(mark))
        process = min(model_processes(mark))
        actor = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(process, signal.SIGKILL)
        os.kill(actor, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    made = _run(job)
    killer.join()
    assert _errors(made) == [None] * 16
    await_true(lambda: not model_processes(mark))


def test_a_worker_with_other_weights_is_turned_away_and_the_others_go_on(
    cluster: Any, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the file lies says each node's environment."""
    job = _job(store, WORDS, Fragile(weights="FRAGILE_WEIGHTS", size=2))
    assert _errors(_run(job)) == [None] * len(WORDS)
    said = capsys.readouterr().err
    theirs = sha256_file(Path(os.environ["FRAGILE_WEIGHTS"]).with_name("others"))
    assert "its workers are turned away from fragile: it has another model: weights.sha256" in said
    assert f"'{theirs}' there" in said
    places = {str(one.stored.environment["weights"]) for one in job.turn.predictions}
    assert places == {os.environ["FRAGILE_WEIGHTS"]}


def test_a_folder_that_a_node_lacks_is_one_line_with_node_and_path(
    cluster: Any, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both lack it: it is taken away once the driver has read it."""
    weights = shutil.copy(os.environ["FRAGILE_WEIGHTS"], tmp_path / "weights")
    job = _job(store, WORDS, Fragile(weights=str(weights)))
    Path(weights).unlink()
    with pytest.raises(WorkersError):
        _run(job, wait=0.5)
    lines = [line for line in capsys.readouterr().err.splitlines() if str(weights) in line]
    assert len(lines) == 2
    assert all("(node " in line for line in lines)


def test_a_full_disk_at_the_driver_ends_the_run_and_keeps_what_was_made(
    cluster: Any, tmp_path: Path
) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        job = _job(store, [f"nap 0.0{number}" for number in range(64)], Fragile(size=2))
        store._db.execute("PRAGMA max_page_count = 12")  # as SQLite has it: the disk is full
        with pytest.raises(StoreError, match="database or disk is full"):
            _run(job)
    with Store(tmp_path / "s.sqlite") as store:
        again = _job(store, [f"nap 0.0{number}" for number in range(64)], Fragile(size=2))
        assert 0 < again.turn.kept_before < 64
        assert _errors(_run(again)) == [None] * 64


def test_a_node_that_is_killed_costs_no_prediction(
    cluster: Any, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    node = add_node(cluster, {})
    mark = str(Path(os.environ["FRAGILE_WEIGHTS"]).parent)
    # It takes half a minute: Ray may need ten seconds to see that a node is gone.
    job = _job(store, [f"nap 0.5{number}" for number in range(100, 196)], Fragile(size=1))

    def kill() -> None:
        await_true(lambda: len(model_processes(mark)) >= 3)
        for process in node.all_processes["raylet"]:
            os.kill(process.process.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    made = _run(job)
    killer.join()
    assert _errors(made) == [None] * 96
    assert "is gone; what its worker had is made elsewhere" in capsys.readouterr().err
