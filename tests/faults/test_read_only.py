"""A run that may only be read is verified, shown, compared, gated and drawn elsewhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import small_runs

# As root may write whatever the modes say, each verb runs as another user.
AS_NOBODY = """
import os, sys
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
from harness.cli import main
codes = [main(command.split("|")) for command in sys.argv[1:]]
sys.exit(f"exit codes {codes}")
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Path]:
    """A finished run in a folder that nobody may write into."""
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=2)
    folder = small_runs.run(suite, tmp_path / "run")
    for path in (tmp_path, *tmp_path.rglob("*"), *tmp_path.parents[:2]):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (tmp_path, *tmp_path.parents[:2], *tmp_path.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.minutes
def test_what_reads_a_run_writes_nothing_into_it(run: Path, tmp_path: Path) -> None:
    before = sorted((p.name, p.stat().st_mtime_ns) for p in run.iterdir())
    page = Path("/tmp") / f"golden-harness-read-only-{os.getpid()}" / "page.html"  # noqa: S108
    commands = [
        f"verify|{run}",
        f"show|a|{run}",
        f"compare|{run}|{run}",
        f"gate|{run}|--baseline|{run}",
        f"report|{run}|--out|{page}",
    ]
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *commands],
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
