import dataclasses
import gc
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.records import Candidate, Prediction, Query, Step
from harness.run.keys import PredictionKeys
from harness.run.store import Store, prediction_text

IDENTITY = {"kind": "lead", "sentences": 3}
HERE = {"cpu": "one"}
QUERY = Query("answer", "Ann met Bob.", "Who met Bob?")


def test_what_is_put_is_got(tmp_path: Path) -> None:
    made = {
        "ok": Prediction("é 🙂", raw=" é 🙂", source_tokens=9, kept_tokens=7, seconds=0.5),
        "failed": Prediction("", error="ValueError: no"),
        "span": Prediction("é", span=(2, 3), candidates=(Candidate("é", 2, 3, 0.5),)),
    }
    with Store(tmp_path / "new" / "s.sqlite") as store:
        store.put(made.items(), IDENTITY, HERE)
    with Store(tmp_path / "new" / "s.sqlite") as store:
        found = store.get(["ok", "failed", "span", "unknown"])
    assert {name: one.prediction for name, one in found.items()} == made
    assert found["ok"].environment == HERE


def test_a_later_prediction_takes_the_place_of_a_failure(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.put([("k", Prediction("", error="no"))], IDENTITY, HERE)
        store.put([("k", Prediction("yes"))], IDENTITY, {"cpu": "two"})
        assert store.get(["k"])["k"].prediction == Prediction("yes")
        assert store.get(["k"])["k"].environment == {"cpu": "two"}


def _last_bytes_of(path: Path, text: str) -> int:
    """Return where a text stands in the file for the last time."""
    place = path.read_bytes().rfind(text.encode())
    assert place > 0
    return place


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize(
    "damaged", ["Paris", '"seconds":0.5', "the-key", '{"cpu":"one"}', '{"kind":"lead"']
)
def test_what_the_disk_has_changed_is_never_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damaged: str, bit: int
) -> None:
    path = tmp_path / "s.sqlite"
    prediction = Prediction("Paris", seconds=0.5)
    with Store(path) as store:
        store.put([("the-key", prediction)], IDENTITY, HERE)
    data = bytearray(path.read_bytes())
    data[_last_bytes_of(path, damaged) + 2] ^= 1 << bit
    path.write_bytes(data)
    try:
        with Store(path) as store:
            assert store.stored_keys(["the-key"]) == set(store.get(["the-key"]))
            served = {key: stored.prediction for key, stored in store.get(["the-key"]).items()}
            store.put([("the-key", prediction)], IDENTITY, HERE)
            again = store.get(["the-key"])
    except StoreError:  # SQLite itself has seen it
        return
    if damaged.startswith('{"kind'):  # the identity's text, which nothing reads
        assert served == {"the-key": prediction}
        return
    assert served == {}
    if damaged != "the-key":  # else there is no such key
        assert "changed 1 of the stored predictions" in capsys.readouterr().err
    assert again["the-key"].prediction == prediction  # made anew, it is sound


def test_a_store_without_checksums_is_read_and_has_them_once_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.put([("k", Prediction("Paris"))], IDENTITY, HERE)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "ALTER TABLE predictions DROP COLUMN checksum; PRAGMA user_version = 1;"
        )
    before = path.read_bytes()
    with Store(path, read_only=True) as store:
        assert store.get(["k"])["k"].prediction == Prediction("Paris")
    assert path.read_bytes() == before
    with Store(path) as store:
        assert store.stored_keys(["k"]) == {"k"}
    data = bytearray(path.read_bytes())
    data[_last_bytes_of(path, "Paris")] ^= 1
    path.write_bytes(data)
    with Store(path, read_only=True) as store:
        assert store.get(["k"]) == {}


def test_the_key_holds_model_task_text_and_question() -> None:
    others = [
        PredictionKeys({**IDENTITY, "sentences": 2}).key(QUERY),
        PredictionKeys(IDENTITY).key(Query("summarize", QUERY.context, QUERY.question)),
        PredictionKeys(IDENTITY).key(Query("answer", "Ann met Bob. ", QUERY.question)),
        PredictionKeys(IDENTITY).key(Query("answer", QUERY.context, "Who met Ann?")),
        PredictionKeys(IDENTITY).key(Query("answer", QUERY.context)),
    ]
    assert len({PredictionKeys(IDENTITY).key(QUERY), *others}) == 6
    assert PredictionKeys(dict(reversed(IDENTITY.items()))).key(QUERY) == (
        PredictionKeys(IDENTITY).key(QUERY)
    )


@pytest.mark.parametrize("number", [1, 2])
def test_a_key_is_the_hash_of_one_json_of_all_that_counts(number: int) -> None:
    query = {
        "task": QUERY.task,
        "context": QUERY.context,
        "question": QUERY.question,
        "words": None,
    }
    content: dict[str, object] = {"model": IDENTITY, "query": query}
    content |= {"repeat": 2} if number == 2 else {}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert PredictionKeys(IDENTITY).key(QUERY, number) == expected


WRITER = """
import itertools, sys
from pathlib import Path
from harness.records import Prediction
from harness.run.store import Store, prediction_text
with Store(Path(sys.argv[1])) as store:
    for batch in itertools.count():
        made = [(f"{batch}-{i}", Prediction("text " * 50)) for i in range(8)]
        store.put(made, {"model": "m"}, {"cpu": "c"})
        print(batch, flush=True)
"""


@pytest.mark.parametrize("batches", [1, 12, 40])
def test_whole_batches_survive_kill_9(tmp_path: Path, batches: int) -> None:
    """The writer never ends by itself: whenever the kill comes, it is at work on a batch."""
    path = tmp_path / "s.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        reported = [int(child.stdout.readline()) for _ in range(batches)]
        os.kill(child.pid, signal.SIGKILL)
        reported += map(int, child.stdout.read().split())
    assert child.returncode == -signal.SIGKILL
    assert reported == list(range(len(reported)))
    with Store(path) as store:
        kept = store.get([f"{batch}-{i}" for batch in reported for i in range(8)])
        assert len(kept) == 8 * len(reported)
        # The batch under way is there whole or not at all, and the store takes more.
        partial = store.get([f"{reported[-1] + 1}-{i}" for i in range(8)])
        assert len(partial) in (0, 8)
        store.put([("more", Prediction("x"))], IDENTITY, HERE)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_two_processes_may_share_a_store(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    script = WRITER.replace("itertools.count()", "range(40)").replace(
        'f"{batch}', 'f"{sys.argv[2]}-{batch}'
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name], stdout=subprocess.DEVNULL)
        for name in "ab"
    ]
    assert [child.wait(timeout=300) for child in children] == [0, 0]
    with Store(path) as store:
        keys = [f"{name}-{batch}-{i}" for name in "ab" for batch in range(40) for i in range(8)]
        assert len(store.get(keys)) == 2 * 40 * 8


def test_what_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_text("my diary, in all its length and with no database in it", encoding="utf-8")
    with pytest.raises(
        StoreError, match=r"s\.sqlite: the store of predictions: it is no store; move it away or"
    ):
        Store(path)
    assert path.read_text(encoding="utf-8").startswith("my diary")


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path):
        pass
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="a store of version 99, this harness writes 2"):
        Store(path)


def test_a_store_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    """SQLite does not wait here by itself: while another writes, it refuses to log ahead at once."""
    path = tmp_path / "s.sqlite"

    def use() -> set[str]:
        with Store(path) as store:
            return store.stored_keys(["k"])

    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor() as pool:
        used = pool.submit(use)
        with pytest.raises(TimeoutError):
            used.exception(timeout=0.5)
        other.execute("COMMIT")
        assert used.result(timeout=300) == set()
    other.close()


def test_a_store_may_be_collected_by_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by that of a server, or of a client: the collector runs wherever memory is asked for."""
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    for read_only in (False, True):
        store = Store(tmp_path / "s.sqlite", read_only=read_only)
        cycle: list[object] = [store]
        cycle.append(cycle)  # so that the collector alone finds it
        collected = weakref.ref(store)
        del store, cycle
        thread = threading.Thread(target=gc.collect)
        thread.start()
        thread.join()
        assert collected() is None
    assert complaints == []


def test_a_prediction_is_kept_with_all_of_its_fields() -> None:
    """As `dataclasses.asdict` has them, records within it included."""
    candidates = (Candidate("Ann", 0, 3, 0.75), Candidate("", 0, 0, 0.25))
    prediction = Prediction("Ann", span=(0, 3), candidates=candidates, steps=(Step(1, "f0", "é"),))
    kept = json.loads(prediction_text(prediction))
    assert kept == json.loads(json.dumps(dataclasses.asdict(prediction)))
    assert prediction_text(Prediction("a")).startswith('{"batch":null,"candidates":[],"confidence')
    with pytest.raises(TypeError, match="Object of type set is not JSON serializable"):
        prediction_text(dataclasses.replace(prediction, span={1}))  # type: ignore[arg-type]
