"""The front page: short, with what really came out, and the same version everywhere."""

import re
import tomllib

import yaml

from harness.leaderboard.printing.tables import tables
from harness.leaderboard.run_folder import read_run
from harness.tables.terminal import Display, terminal_text
from tests.docs.pages import ROOT, assert_printed, blocks

README = ROOT / "README.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_is_one_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_the_leaderboard_is_what_the_record_prints_on_80_columns() -> None:
    (block,) = (block for block in blocks(README) if block.note == "printed from the record")
    assert max(map(len, block.content.splitlines())) <= 80
    board = read_run(ROOT / "tests" / "frozen").board
    assert_printed(block, terminal_text(tables(board), Display(width=80)))


def test_the_picture_of_the_report_is_small() -> None:
    assert "(docs/report.png)" in README.read_text(encoding="utf-8")
    picture = (ROOT / "docs" / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000


def test_the_citation_and_the_changelog_are_of_this_version() -> None:
    """The keys that Citation File Format 1.2.0 requires, and ours."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["version"]
    assert citation["title"] == PROJECT["name"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    assert versions[:2] == ["Unreleased", PROJECT["version"]]
