"""The pages' TOML, YAML and JSON, each by the reader that reads such a file of a user."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from harness.command.settings import read_settings
from harness.models.roster.roster import read_rosters
from harness.suite.goldens import read_golden
from harness.suite.manifest import read_manifest
from tests.docs.pages import ALL, Block

ARTICLE = '[[article]]\nid = "a"\nfile = "a.txt"\n'
GOLDEN = "article: a\nauthor: editor\ndate: 2026-01-31\nversion: 1\nreferences: [A summary.]\n"
SEQ2SEQ = '[model]\nkind = "seq2seq"\nweights.folder = "x"\n'


def _roster(path: Path) -> None:
    read_rosters([path])


def _manifest(path: Path) -> None:
    read_manifest(path.parent)


def _workflow(path: Path) -> None:
    """Every step runs a shell line or names an action with its version."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for job in content["jobs"].values():
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert "@v" in step.get("uses", "@v")


def _settings(_: Path) -> None:
    read_settings({})


# By kind: what stands around the block in its file, the file's name, and what reads it.
READERS: Mapping[str, tuple[str, str, Callable[[Path], object]]] = {
    "roster": ("{}", "mine.toml", _roster),
    "keys of seq2seq": (SEQ2SEQ + "{}", "mine.toml", _roster),
    "golden": ("{}", "a.yaml", read_golden),
    "golden keys": (GOLDEN + "{}", "a.yaml", read_golden),
    "settings": ("{}", "harness.toml", _settings),
    "workflow": ("{}", "goldens.yml", _workflow),
    "manifest keys": ("{}" + ARTICLE, "manifest.toml", _manifest),
}
BLOCKS = [block for block in ALL if block.note.startswith("read as ")]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.where)
def test_what_a_page_shows_of_a_file_can_be_read(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    around, name, read = READERS[block.note.removeprefix("read as ")]
    path = tmp_path / name
    path.write_text(around.replace("{}", block.content, 1), encoding="utf-8")
    read(path)


def test_there_is_something_to_read() -> None:
    assert len(BLOCKS) > 5
