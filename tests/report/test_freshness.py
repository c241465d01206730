"""When a page is drawn again, and what becomes of a run whose page cannot be drawn."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import StoreError
from harness.report.rendering import vega_process
from harness.report.rendering.freshness import is_current
from harness.report.rendering.vega_process import VegaProcess
from tests import small_runs

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

LONG_AGO = 1_000_000_000


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=2)
    out = tmp_path / "run"
    return ["eval", "--suite", str(suite), "--models", "lead-3,no-answer", "--out", str(out)]


def _page_of(command: list[str]) -> Path:
    page = Path(command[-1]) / "report.html"
    os.utime(page, (LONG_AGO, LONG_AGO))
    return page


def _was_drawn(page: Path) -> bool:
    return page.stat().st_mtime != LONG_AGO


def test_a_second_run_of_the_same_draws_no_page(command: list[str]) -> None:
    assert main(command) == 0
    page = _page_of(command)
    drawn = page.read_bytes()
    assert main(command) == 0
    assert not _was_drawn(page)
    assert main(["report", command[-1]]) == 0  # asked for, it is drawn, and the same
    assert _was_drawn(page)
    assert page.read_bytes() == drawn


def _cut(page: Path) -> None:
    page.write_bytes(page.read_bytes()[:-1])


def _edit(page: Path) -> None:
    page.write_bytes(page.read_bytes().replace(b"<title>", b"<title>My ", 1))


@pytest.mark.parametrize("spoil", [_cut, _edit, Path.unlink])
def test_a_page_that_is_not_as_it_was_left_is_drawn(
    command: list[str], spoil: Callable[[Path], object]
) -> None:
    assert main(command) == 0
    page = Path(command[-1]) / "report.html"
    drawn = page.read_bytes()
    spoil(page)
    assert main(command) == 0
    assert page.read_bytes() == drawn


def test_other_numbers_are_drawn(command: list[str]) -> None:
    assert main(command) == 0
    page = _page_of(command)
    assert main([*command, "--limit", "1"]) == 0
    assert _was_drawn(page)
    assert is_current(page, page.with_name("leaderboard.json"))
    moved = page.parent.with_name("moved")  # the page says where the run is
    shutil.move(page.parent, moved)
    assert not is_current(moved / "report.html", moved / "leaderboard.json")


def test_a_page_lacks_none_of_the_files_beside_it(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.report.rendering.chunks.place_chunks.__defaults__", (0,))
    assert main(command) == 0
    page = _page_of(command)
    assert main(command) == 0
    assert not _was_drawn(page)
    chunk = next((page.parent / "report-examples").iterdir())
    chunk.unlink()
    assert main(command) == 0
    assert chunk.is_file()


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGTRAP)", "was ended by signal 5"),
        ("raise SystemExit(3)", "ended with code 3"),
    ],
)
def test_a_run_outlives_what_draws_its_plots(
    command: list[str],
    ends: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As V8 ends where it may not have the address space that it wants."""
    monkeypatch.setattr(vega_process, "_DRAW", ends)
    assert main(command) == 0
    out = Path(command[-1])
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == f"Leaderboard: {out / 'leaderboard.json'}"
    last = printed.err.splitlines()[-1]
    assert last.startswith(
        f"harness: no report was written: its plots cannot be drawn: what draws them {said}"
    )
    assert last.endswith(f"`harness report {out}` tries again")
    assert not (out / "report.html").exists()


def test_a_process_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with VegaProcess() as vega, pytest.raises(StoreError, match=r"cannot be drawn: .*No such file"):
        vega.svg({})


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vega_process, "_SECONDS", 0.2)
    monkeypatch.setattr(vega_process, "_DRAW", "import time; time.sleep(600)")
    with VegaProcess() as vega, pytest.raises(StoreError, match="was killed: it took more than"):
        vega.svg({})
