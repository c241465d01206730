"""What make does beside a `.venv` that it did not make, or that is broken: it deletes no other's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parent.parent / "Makefile"
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")

NOT_OURS = ".venv is there, and make did not make it; move it away, it is not touched"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that has the Makefile, and a name with a space."""
    checkout = tmp_path / "a checkout"
    checkout.mkdir()
    shutil.copy(MAKEFILE, checkout)
    return checkout


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Of make's own variables none is heeded: the tests may be run by make.
    environment = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", f"PYTHON={sys.executable}", "UV=", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }  # fmt: skip


def _own_environment(venv: Path) -> None:
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("home = /opt/python\n")
    (venv / "notes.txt").write_text("mine")


def _broken_environment(venv: Path) -> None:
    _own_environment(venv)
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to("/there/is/no/python")


def _file(venv: Path) -> None:
    venv.write_text("VENV=elsewhere\n")


def _link_to_nothing(venv: Path) -> None:
    venv.symlink_to("/there/is/no/venv")


def _link_elsewhere(venv: Path) -> None:
    _own_environment(venv.with_name("elsewhere"))
    venv.symlink_to("elsewhere")


def _link_to_another_checkout_s(venv: Path) -> None:
    _link_elsewhere(venv)
    (venv / ".made").write_text("/another/checkout\n")


@pytest.mark.parametrize(
    "lay",
    [
        _own_environment,
        _broken_environment,
        _file,
        _link_to_nothing,
        _link_elsewhere,
        _link_to_another_checkout_s,
    ],
)
def test_what_make_did_not_make_is_not_touched(folder: Path, lay: object) -> None:
    assert callable(lay)
    lay(folder / ".venv")
    before = _files(folder)
    for target in ("setup", "eval", "test", "check", "docs"):
        done = _make(folder, target)
        assert done.returncode == 2
        assert done.stderr.splitlines()[0] == NOT_OURS
        assert done.stdout == ""
        assert _files(folder) == before
    assert _make(folder, "clean").returncode == 0
    assert _files(folder) == before


def test_a_python_that_is_too_old_or_no_python_is_told_before_anything_is_made(
    folder: Path,
) -> None:
    for python in ("/there/is/no/python", "false"):
        done = _make(folder, "setup", f"PYTHON={python}")
        assert done.returncode == 2
        assert "Python 3.11 or newer is needed; name it with: make PYTHON=" in done.stderr
        assert not (folder / ".venv").exists()


@pytest.mark.slow  # environments are made, without a package
def test_one_of_ours_is_made_once_and_anew_where_it_is_broken_or_moved(folder: Path) -> None:
    made = ".venv/.made"
    python, stale = folder / ".venv" / "bin" / "python", folder / ".venv" / "stale"

    def is_made_anew(where: Path) -> bool:
        (where / ".venv" / "stale").write_text("")
        done = _make(where, made)
        assert done.returncode == 0, done.stderr
        assert (where / made).read_text() == f"{where.resolve()}\n"
        return not (where / ".venv" / "stale").exists()

    (folder / ".venv").mkdir()
    (folder / ".venv" / ".begun").touch()  # of a make that was stopped
    assert is_made_anew(folder)
    assert not is_made_anew(folder)
    python.unlink()
    python.symlink_to("/there/is/no/python")
    assert is_made_anew(folder)
    moved = folder.rename(folder.with_name("moved"))
    assert is_made_anew(moved)
    (moved / made).write_text("")  # as an earlier Makefile left it
    assert _make(moved, "-q", made).returncode == 0
    assert not stale.exists()
    assert _make(moved, "clean").returncode == 0
    assert [file.name for file in moved.iterdir()] == ["Makefile"]
