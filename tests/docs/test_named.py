"""What the pages name is there: verbs, flags, columns, files; and what is there, is named."""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.written_from_code import verbs
from tests.docs.pages import ALL, PAGES, ROOT, Block, blocks, code_spans

COMMANDS = ROOT / "docs" / "commands.md"
# Flags of the other programs that the pages name.
OTHERS = {
    "--goldens",  # pytest, by our plugin
    "--constraint", "--index-url", "--extra-index-url", "--no-deps", "--python",  # pip and uv
}  # fmt: skip
_SPAN = re.compile(r"`([^`\n]+)`")
_FLAG = re.compile(r"(?<![\w-])(?:--[a-z][a-z-]*|-[hkq]\b)")


def _flags(command: argparse.ArgumentParser) -> set[str]:
    return {flag for action in command._actions for flag in action.option_strings}


PARSERS = verbs()
VERBS = {name: parser for name, parser in PARSERS.items() if name}
FLAGS = set().union(*(_flags(parser) for parser in PARSERS.values()))


def _command_lines(block: Block) -> Iterator[list[str]]:
    for line in block.content.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["harness"]:
            yield words[1:]


@pytest.mark.parametrize(
    "block",
    [block for block in ALL if block.language == "sh" and [*_command_lines(block)]],
    ids=lambda block: block.where,
)
def test_a_command_is_one_that_there_is(block: Block) -> None:
    """Those that are not run are parsed all the same."""
    for words in _command_lines(block):
        if "--help" in words or words[0].startswith("-"):
            assert words[0] in (*VERBS, *_flags(PARSERS[""])), f"{block.where}: {words}"
        else:
            PARSERS[""].parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_verbs_and_flags_that_a_page_names_are_there(page: Path) -> None:
    for span in code_spans(page):
        if named := re.match(r"harness ([a-z]+)", span):
            assert named[1] in VERBS, f"{page.name}: {span}"
        if re.match(r"(harness|-)", span):
            known = FLAGS | OTHERS
            if named and VERBS[named[1]].prog.endswith(named[1]):
                known = _flags(VERBS[named[1]])
            unknown = set(_FLAG.findall(span)) - known
            assert not unknown, f"{page.name}: {span}: there is no {unknown}"


def test_the_page_of_the_grammar_has_every_verb_and_every_flag() -> None:
    text = COMMANDS.read_text(encoding="utf-8")
    verbs = set(re.findall(r"^\| `([a-z]+)` \|", text[: text.index("## RUN")], re.MULTILINE))
    assert verbs == set(VERBS)
    table = text[text.index("## Every flag") :]
    assert set(_FLAG.findall(table[: table.index("\n## ")])) == FLAGS - {"-h"}


def test_each_flag_is_of_the_verbs_that_the_page_of_the_grammar_says() -> None:
    text = COMMANDS.read_text(encoding="utf-8")
    table = text[text.index("## Every flag") : text.index("## In a checkout")]
    rows = re.findall(r"^\| (`-[^|]+) \| (`[^|]+) \|", table, re.MULTILINE)
    assert len(rows) > 10
    for flags, verbs_cell in rows:
        for flag in _FLAG.findall(flags):
            having = {name or "harness" for name in PARSERS if flag in _flags(PARSERS[name])}
            said = set(_SPAN.findall(verbs_cell))
            assert having == said or (flag == "--help" and said == {"harness"}), flag


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_makes_can_be_made(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [block.content for block in blocks(page) if block.language == "sh"]
    lines = [*code_spans(page), *"".join(commands).splitlines()]
    for target in (match[1] for line in lines if (match := re.match(r"make ([a-z-]+)", line))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: make {target}"


def test_links_of_pages_outside_of_the_docs_lead_somewhere() -> None:
    """Sphinx looks at those within."""
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (ROOT / target).exists(), f"{name}: {target}"
