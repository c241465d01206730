"""Files that change after they were hashed: told by the disk, whatever hides it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import WeightsError
from harness.models.checkpoint.checkpoint_files import read_files
from harness.models.checkpoint.seal import Seal


def _rewrite(path: Path, content: bytes) -> None:
    """Write into a file in its place, and set its times back."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replace(path: Path, content: bytes) -> None:
    (path.parent / "new").write_bytes(content)
    (path.parent / "new").replace(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes(b"{}")
    return tmp_path


def _seal(folder: Path) -> Seal:
    return Seal("mine", lambda: read_files(folder))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda folder: _rewrite(folder / "model.safetensors", b"[]"), "model.safetensors"),
        (lambda folder: _replace(folder / "model.safetensors", b"[]"), "model.safetensors"),
        (lambda folder: _rewrite(folder / "config.json", b"{ }"), "config.json"),
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors"),
        (lambda folder: (folder / "chat_template.jinja").touch(), "chat_template.jinja"),
    ],
)
def test_what_changed_is_named_and_stays_refused(
    folder: Path, change: Callable[[Path], object], name: str
) -> None:
    seal = _seal(folder)
    assert seal.untouched()
    change(folder)
    for _ in range(2):
        with pytest.raises(WeightsError, match=rf"^mine: {name} changed during the run, after its"):
            seal.untouched()
        for path in folder.iterdir():  # what was there before
            path.unlink()
        for before in ("config.json", "model.safetensors"):
            (folder / before).write_bytes(b"{}")


def test_what_was_touched_and_is_the_same_is_told_once(folder: Path) -> None:
    seal = _seal(folder)
    hashes = seal.hashes
    _rewrite(folder / "model.safetensors", b"[]")
    _rewrite(folder / "model.safetensors", b"{}")
    _replace(folder / "config.json", b"{}")
    assert not seal.untouched()
    assert seal.untouched()
    assert seal.hashes == hashes


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"^mine: \S+/gone: cannot be read \(No such file or d"):
        Seal("mine", lambda: {"gone": tmp_path / "gone"})
