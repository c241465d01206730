"""Stores that are made one: what is kept, what is refused, and what is left as it was."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import StoreError, UsageError
from harness.records import Prediction
from harness.run.store import Store
from harness.run.uniting import United, unite

FLOAT32 = {"kind": "causal", "dtype": "float32"}
HERE = {"cpu": "EPYC", "git_commit": "c" * 40}
Made = dict[str, Prediction]

# Puts a prediction, and ends without closing anything, as after kill -9; or waits to be killed.
CHILD = """
import os, sys
from pathlib import Path
from harness.records import Prediction
from harness.run.store import Store
store = Store(Path(sys.argv[1]))
store.put([("k", Prediction("yes"))], {"kind": "lead"}, {"cpu": "one"})
print("put", flush=True)
sys.stdin.read() if sys.argv[2] == "wait" else os._exit(9)
"""


def _store(
    path: Path,
    made: Made,
    identity: dict[str, str] = FLOAT32,
    environment: dict[str, str] = HERE,
) -> Path:
    with Store(path) as store:
        store.put(made.items(), identity, environment)
    return path


def _united(tmp_path: Path, *stores: Path) -> tuple[United, Made]:
    united = unite(stores, tmp_path / "united.sqlite")
    with Store(tmp_path / "united.sqlite") as store:
        keys = [f"k{number}" for number in range(200)] + ["k"]
        return united, {key: stored.prediction for key, stored in store.get(keys).items()}


def test_what_any_of_them_has_is_in_the_new_one(tmp_path: Path) -> None:
    made = {f"k{number}": Prediction(f"é {number}", seconds=0.5) for number in range(200)}
    stores = [
        _store(tmp_path / f"{i}.sqlite", {key: made[key] for key in list(made)[i::3]})
        for i in range(3)
    ]
    united, found = _united(tmp_path, *stores, tmp_path / "none.sqlite")
    assert found == made
    assert united == United(predictions=200, damaged={}, differing=0)
    with Store(tmp_path / "united.sqlite") as store:
        assert store.get(["k7"])["k7"].environment == HERE


@pytest.mark.parametrize(
    ("first", "second", "stands", "differing"),
    [
        (Prediction("a", seconds=1.0), Prediction("a", seconds=2.0), 0, 0),
        (Prediction("", error="no"), Prediction("a"), 1, 0),
        (Prediction("a"), Prediction("", error="no"), 0, 0),
        (Prediction("", error="no"), Prediction("", error="nor I"), 0, 0),
        (Prediction("a"), Prediction("b"), 0, 1),
    ],
)
def test_of_two_that_have_one_key_the_first_text_stands(
    tmp_path: Path, first: Prediction, second: Prediction, stands: int, differing: int
) -> None:
    stores = [
        _store(tmp_path / "1.sqlite", {"k": first}, {"kind": "endpoint"}),
        _store(tmp_path / "2.sqlite", {"k": second}, {"kind": "endpoint"}),
    ]
    united, found = _united(tmp_path, *stores)
    assert found["k"] == (first, second)[stands]
    assert (united.predictions, united.differing) == (1, differing)


@pytest.mark.parametrize(
    ("identity", "elsewhere", "refused"),
    [
        (FLOAT32, HERE, True),
        (FLOAT32, {**HERE, "git_commit": "d" * 40}, True),  # of one version: one kind of place
        (FLOAT32, {**HERE, "cpu": "Xeon"}, False),
        ({"kind": "causal", "dtype": "bfloat16"}, HERE, False),
        ({"kind": "endpoint"}, HERE, False),
    ],
)
def test_two_texts_in_float32_of_one_kind_of_place_are_refused(
    tmp_path: Path, identity: dict[str, str], elsewhere: dict[str, str], refused: bool
) -> None:
    stores = [
        _store(tmp_path / "1.sqlite", {"k": Prediction("a")}, identity),
        _store(tmp_path / "2.sqlite", {"k": Prediction("b")}, identity, elsewhere),
    ]
    if refused:
        with pytest.raises(StoreError, match=r"2\.sqlite: has another text than .*1\.sqlite"):
            _united(tmp_path, *stores)
    else:
        assert _united(tmp_path, *stores)[0].differing == 1


@pytest.mark.parametrize("damaged", ["text 7", '"cpu"', '"dtype"'])
def test_what_the_disk_has_changed_is_counted_and_left_out(tmp_path: Path, damaged: str) -> None:
    path = _store(tmp_path / "1.sqlite", {"k7": Prediction("text 7"), "k8": Prediction("text 8")})
    content = bytearray(path.read_bytes())
    content[content.rfind(damaged.encode()) + 1] ^= 1
    path.write_bytes(content)
    united, found = _united(tmp_path, path)
    kept = {"k8": Prediction("text 8")} if damaged == "text 7" else {}
    assert found == kept
    assert united.damaged == {path: 2 - len(kept)}


def test_a_folder_that_cannot_be_written_is_read_and_stays_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "part"
    path = _store(folder / "s.sqlite", {"k": Prediction("a")})
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        assert _united(tmp_path, path)[1] == {"k": Prediction("a")}
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    finally:
        folder.chmod(0o755)


def test_a_killed_store_is_read_with_its_log_and_one_in_use_is_refused(tmp_path: Path) -> None:
    killed, used = tmp_path / "killed" / "s.sqlite", tmp_path / "used" / "s.sqlite"
    subprocess.run([sys.executable, "-c", CHILD, str(killed), "die"], check=False)
    assert killed.with_name("s.sqlite-wal").stat().st_size
    before = {file.name: file.read_bytes() for file in killed.parent.iterdir()}
    assert _united(tmp_path, killed)[1] == {"k": Prediction("yes")}
    assert {file.name: file.read_bytes() for file in killed.parent.iterdir()} == before
    assert [file.name for file in tmp_path.glob("*sqlite*")] == ["united.sqlite"]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(used), "wait"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout
        assert child.stdout.readline() == "put\n"
        with pytest.raises(UsageError, match="its store is in use"):
            unite([used], tmp_path / "no.sqlite")
        child.kill()
    assert unite([used], tmp_path / "yes.sqlite").predictions == 1


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"no store at all" * 100)
    with pytest.raises(StoreError, match=r"s\.sqlite: the store of predictions: it is no store"):
        unite([path], tmp_path / "new.sqlite")
    shutil.copy(_store(tmp_path / "old.sqlite", {"k": Prediction("a")}), path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(StoreError, match="a store of version 9"):
        unite([path], tmp_path / "new2.sqlite")
    with pytest.raises(UsageError, match="501 stores: at most 500"):
        unite([path] * 501, tmp_path / "new3.sqlite")
    assert not (tmp_path / "new3.sqlite").exists()
