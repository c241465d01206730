"""The store and files on a disk that is full, fails, is locked or is damaged: nothing is lost."""

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import harness.run.store
from harness.errors import StoreError
from harness.files import write_atomically, write_lines
from harness.records import Prediction
from harness.run.store import Store

BEFORE = {f"k{n}": Prediction(f"text {n}") for n in range(3)}
MORE = {f"m{n}": Prediction("text " * 2000) for n in range(20)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that holds some predictions."""
    with Store(tmp_path / "s.sqlite") as store:
        store.put(BEFORE.items(), {}, {})
    return tmp_path / "s.sqlite"


def _kept(path: Path) -> dict[str, Prediction]:
    with Store(path) as store:
        return {key: kept.prediction for key, kept in store.get([*BEFORE, *MORE]).items()}


def test_a_full_disk_is_called_so(path: Path) -> None:
    with Store(path) as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 1}")  # SQLite's own "disk is full"
        with pytest.raises(StoreError) as caught:
            store.put(MORE.items(), {}, {})
    assert str(caught.value) == (
        f"{path}: the store of predictions: the disk is full; free some space: what was predicted "
        "is kept, so run again (database or disk is full)"
    )
    assert _kept(path) == BEFORE


def test_another_process_that_writes_is_waited_for_and_told_of(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.run.store, "_LOCK_TIMEOUT", 0.01)
    with Store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process writes to it; wait until that has"):
            store.put(MORE.items(), {}, {})
        other.execute("ROLLBACK")
        store.put(MORE.items(), {}, {})
    assert _kept(path) == BEFORE | MORE


def test_a_damaged_store_may_be_moved_away(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[200:4000] = b"\xff" * 3800
    path.write_bytes(data)
    with pytest.raises(StoreError, match="the disk has damaged it; put a copy in its place"):
        _kept(path)


def test_a_store_that_may_not_be_opened_is_not_to_be_moved(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").symlink_to("/proc/there/is/no/folder")
    with pytest.raises(StoreError, match="it cannot be opened; see to the permissions"):
        Store(tmp_path / "s.sqlite")


@contextmanager
def _files_no_longer_than(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond; the kernel refuses the write (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_whatever_write_fails_the_store_keeps_what_it_had(tmp_path: Path) -> None:
    """A write at each place of its files, of which SQLite makes the rest of them."""
    with Store(tmp_path / "whole.sqlite") as store:
        store.put(BEFORE.items(), {}, {})
        store.put(MORE.items(), {}, {})
        longest = max(p.stat().st_size for p in tmp_path.glob("whole*"))
    told = []
    for size in range(0, longest + 1, 40_000):
        path = tmp_path / f"{size}.sqlite"
        with Store(path) as store:
            store.put(BEFORE.items(), {}, {})
        with Store(path) as store:
            try:
                with _files_no_longer_than(size):
                    store.put(MORE.items(), {}, {})
            except StoreError as error:
                told.append(str(error))
                store.put(MORE.items(), {}, {})  # the disk is well again
        assert _kept(path) == BEFORE | MORE
    assert len(told) > 2
    assert [line for line in told if "what was predicted is kept, so run again" not in line] == []


@pytest.mark.parametrize("write", [write_atomically, lambda path, text: write_lines(path, [text])])
@pytest.mark.parametrize("failing", ["open", "fsync", "replace", "folder"])
def test_whatever_step_fails_a_file_is_the_old_one_or_the_new(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Path, str], object],
    failing: str,
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail(*_: object, **__: object) -> Any:
        raise OSError(28, "No space left on device")

    calls = 0

    def fail_second(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:  # the first is of the file itself
            fail()

    with monkeypatch.context() as patch:
        if failing == "open":
            tmp_path.chmod(0o700)
            patch.setattr(Path, "open", fail)
            patch.setattr(Path, "write_text", fail)
        elif failing == "fsync":
            patch.setattr(os, "fsync", fail)
        elif failing == "replace":
            patch.setattr(Path, "replace", fail)
        else:
            patch.setattr(os, "fsync", fail_second)
        with pytest.raises(StoreError) as caught:
            write(path, "new")
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert path.read_text() == ("new" if failing == "folder" else "old")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_file_that_grows_into_a_full_disk_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with _files_no_longer_than(10_000), pytest.raises(StoreError, match="File too large"):
        write_lines(path, ("line\n" for _ in range(10_000)))
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "old")]


def test_a_count_of_hundreds_of_digits_is_made_anew(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An older version kept what a server said of its tokens, and no sum could be made of it."""
    with Store(path) as store:
        store.put([("m0", Prediction("x", prompt_tokens=10**400))], {}, {})
        store.put([("m1", Prediction('":1111111111111111111'))], {}, {})
        assert store.stored_keys(["m0", "m1"]) == {"m1"}
        assert "m0" not in store.get(["m0"])
    assert "1 of the stored predictions have a count too long to be one" in capsys.readouterr().err
