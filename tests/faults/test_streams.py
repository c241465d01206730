"""stdout and stderr full, closed, or gone: a result is delivered or the exit code says no."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import harness.cli
from harness.cli import main

HARNESS = f"{sys.executable} -m harness"


def _shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize(
    ("redirection", "reason"),
    [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")],
)
def test_a_result_that_cannot_be_written_is_exit_code_2(redirection: str, reason: str) -> None:
    done = _shell(f"{HARNESS} models -q {redirection}")
    assert done.returncode == 2
    assert done.stderr == f"harness: stdout cannot be written: {reason}\n"


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&- <&-"])
def test_progress_that_cannot_be_written_ends_nothing(redirection: str) -> None:
    done = _shell(f"{HARNESS} articles --suite demo {redirection}")
    assert done.returncode == 0
    assert "library-afloat" in done.stdout


@pytest.mark.minutes
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_a_run_goes_on_without_stderr(tmp_path: Path, redirection: str) -> None:
    done = _shell(
        f"{HARNESS} eval --suite demo --models lead-3 --tasks summarize --out {tmp_path} {redirection}"
    )
    assert done.returncode == 0
    assert "lead-3" in done.stdout


def test_what_nobody_foresaw_is_one_line_a_file_and_an_exit_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class PanicException(BaseException):  # as pyo3 has it
        pass

    def fail(*_: object) -> None:
        raise PanicException("stride\nmust be smaller")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(harness.cli, "complete", fail)
    assert main(["models"]) == 4
    (file,) = tmp_path.iterdir()
    assert capsys.readouterr().err == (
        "harness: a fault of the harness, not of yours: PanicException: stride must be smaller; its "
        f"traceback, to report it with, is in {file}; what was predicted is kept\n"
    )
    assert "in fail\n" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MemoryError(), "memory ran out; what was predicted is kept, so give it more"),
        (OSError(24, "Too many open files"), "Too many open files; raise `ulimit -n`; what was"),
        (OSError(28, "No space left on device", "x"), "x: No space left on device; what was"),
    ],
)
def test_what_the_machine_lacks_is_bad_input(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    line: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(harness.cli, "complete", fail)
    assert main(["models"]) == 2
    assert capsys.readouterr().err.startswith(f"harness: {line}")


def test_ctrl_c_before_a_command_runs_is_no_traceback() -> None:
    # An import takes its time: the signal comes while the command's own are under way.
    code = (
        "import os, signal, runpy, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'harness.agreement':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "sys.argv = ['harness', 'models']\n"
        "runpy.run_module('harness', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == -signal.SIGINT
    assert done.stderr == ""
