"""A run that may only be read is verified, shown, compared, gated and drawn elsewhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import small_runs

# Root may write whatever the modes say, by two capabilities (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)
# that the process gives up first.
WITHOUT_RIGHTS = """
import ctypes, os, sys
if os.geteuid() == 0:
    libc = ctypes.CDLL(None)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    sets[0] &= ~6
    sets[1] &= ~6
    assert libc.capset(header, sets) == 0
from harness.cli import main
codes = [main(command.split("|")) for command in sys.argv[1:]]
sys.exit(f"exit codes {codes}")
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Path]:
    """A finished run in a folder that nobody may write into."""
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=2)
    folder = small_runs.run(suite, tmp_path / "run")
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.minutes
def test_what_reads_a_run_writes_nothing_into_it(run: Path, tmp_path: Path) -> None:
    before = sorted((p.name, p.stat().st_mtime_ns) for p in run.iterdir())
    page = Path("/tmp") / f"golden-harness-read-only-{os.getpid()}" / "page.html"  # noqa: S108
    commands = [
        f"verify|{run}",
        f"show|a|{run}|--model|lead-3",
        f"compare|{run}|{run}",
        f"gate|{run}|--baseline|{run}",
        f"report|{run}|--out|{page}",
    ]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_RIGHTS, *commands],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert "exit codes [0, 0, 0, 0, 0]" in done.stderr, done.stderr
    assert page.is_file()
    page.unlink()
    assert sorted((p.name, p.stat().st_mtime_ns) for p in run.iterdir()) == before
