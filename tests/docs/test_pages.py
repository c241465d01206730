"""What the pages say is so: their commands and their Python run, page by page and top to bottom."""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from tests.docs.folders import FOLDERS, Things, demo_run
from tests.docs.pages import ALL, LOOKED_AT, PAGES, READ, ROOT, RUN, Block, assert_printed, blocks

_RUN_IN = re.compile(r"run in (?P<folder>\S+?)(?:, exit code (?P<code>\d+))?")
_FILE_IN = re.compile(r"file (?P<file>\S+) in (?P<folder>\S+)")
_RUN_BY = re.compile(r"run by (?P<test>tests/\S+\.py)")


def _used(block: Block) -> re.Match[str] | None:
    return _RUN_IN.fullmatch(block.note) or _FILE_IN.fullmatch(block.note)


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Callable[..., Path]) -> Things:
    return Things(demo_run(tmp_path_factory.mktemp("docs") / "results"), tiny_folder)


@pytest.mark.parametrize("block", ALL, ids=lambda block: block.where)
def test_a_block_has_a_language_and_says_what_becomes_of_it(block: Block) -> None:
    assert block.language in (*RUN, *READ, *LOOKED_AT), f"{block.where}: no such language"
    allowed = {
        "sh": (_RUN_IN, re.compile("not run: .+")),
        "python": (_RUN_IN, _FILE_IN, _RUN_BY, re.compile("not run: .+")),
        "text": (_FILE_IN, re.compile("printed( from the record)?|")),
    }.get(block.language, (_FILE_IN, re.compile("read as .+")))
    matches = [match for pattern in allowed if (match := pattern.fullmatch(block.note))]
    assert matches, f"{block.where}: the comment above it is {block.note!r}"
    groups = matches[0].groupdict()
    assert groups.get("folder", "empty") in FOLDERS
    if test := groups.get("test"):
        assert block.page.name in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(_RUN_IN.fullmatch(block.note) for block in blocks(page))],
    ids=lambda page: page.name,
)
def test_what_a_page_says_runs(
    page: Path,
    things: Things,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Blocks of one page share their folders, so that each goes on where the last one ended."""
    for name in [name for name in os.environ if name.startswith("GOLDEN_HARNESS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    printed = ""
    for block in blocks(page):
        if block.note == "printed":
            assert_printed(block, printed)
        if not (use := _used(block)):
            continue
        folder = tmp_path / use["folder"]
        if not folder.exists():
            folder.mkdir()
            FOLDERS[use["folder"]](folder, things)
        monkeypatch.chdir(folder)
        if "file" in use.groupdict():
            _write(folder / use["file"], block.content)
        elif block.language == "python":
            exec(compile(block.content, block.where, "exec"), {"__name__": "page"})  # noqa: S102
            printed = capsys.readouterr().out
        else:
            printed = _run(block, int(use["code"] or 0), capsys)


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")


def _run(block: Block, expected: int, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the commands of a block, and return what they print."""
    commands = [
        words
        for line in block.content.replace("\\\n", " ").splitlines()
        if (words := shlex.split(line, comments=True))
    ]
    printed = ""
    for number, (program, *arguments) in enumerate(commands, start=1):
        assert program == "harness", f"{block.where}: only harness is run here, not {program}"
        code = main(arguments)
        output = capsys.readouterr()
        last = number == len(commands)
        assert code == (expected if last else 0), f"{block.where}: {arguments}: {output.err}"
        printed += output.out + output.err
    return printed


def test_a_file_that_a_page_writes_is_used_by_a_command_below() -> None:
    for page in PAGES:
        page_blocks = blocks(page)
        for place, block in enumerate(page_blocks):
            if use := _FILE_IN.fullmatch(block.note):
                later = [_RUN_IN.fullmatch(other.note) for other in page_blocks[place:]]
                folders = {match["folder"] for match in later if match}
                assert use["folder"] in folders, f"{block.where}: no command reads it"
