"""Markdown, read back by a parser of GitHub's."""

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.tables.cells import markdown_cell
from harness.tables.markdown import code_block, markdown_text
from harness.tables.table import Column, Lines, Note, Notes, Part, Table, TableRow

HOSTILE = [
    "a|b", "`x` | `y`", "[click](javascript:alert(1))", "<img src=x onerror=alert(1)>", "a\\|b",
    "https://evil.example/x", "www.evil.example", "*bold* _it_ ~~no~~", "&lt;b&gt;", "line\nbreak",
    "54.6 [44.5, 64.7]", "plain", "模型",
]  # fmt: skip


def _tokens(*parts: Part) -> list[Token]:
    parser = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    return parser.parse(markdown_text(parts))


def _text(token: Token) -> str:
    children = token.children or []
    assert {child.type for child in children} <= {"text", "text_special"}, children
    return "".join(child.content for child in children)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_cell_is_just_its_text(name: str) -> None:
    columns = (Column(name, align="left"), Column("n"))
    tokens = _tokens(Table(columns, (TableRow((name, "1")), TableRow(("other", "2")))))
    assert [t.type for t in tokens if t.level == 0] == ["table_open", "table_close"]
    cells = [_text(token) for token in tokens if token.type == "inline"]
    expected = " ".join(name.split())
    assert cells == [expected, "n", expected, "1", "other", "2"]


@pytest.mark.parametrize("text", ["see http://evil.example", "www.evil.example", "HTTP://evil"])
def test_no_bare_address_becomes_a_link(text: str) -> None:
    """GitHub makes links of them, which the parser here does not: the text itself is looked at."""
    assert not re.search(r"(?i)http://|(?<!\\)www\.|\bwww\.", markdown_cell(text))


def test_numbers_with_their_intervals_are_legible_and_columns_stand_on_their_sides() -> None:
    columns = (Column("model", align="left"), Column("f1 *"), Column("n", keep=0))
    made = markdown_text([Table(columns, (TableRow(("模型", "54.6 [44.5, 64.7]", "5")),))])
    assert made.splitlines() == [
        "| model |             f1 \\* |   n |",
        "| ----- | ----------------: | --: |",
        "| 模型  | 54.6 [44.5, 64.7] |   5 |",  # two letters of two cells each
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# x: cut",
        "- x",
        "+ x",
        "> x",
        "1. x",
        "12) x",
        "=== x",
        "5 articles are few",
        "* x",
        "#x",
        "-3 to 5",
    ],
)
def test_a_note_is_a_paragraph_whatever_it_begins_with(text: str) -> None:
    tokens = _tokens(Notes((Note(text), Note("second"))))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"] * 2
    assert [_text(token) for token in tokens if token.type == "inline"] == [text, "second"]


@pytest.mark.parametrize("line", ["plain", "```", "a ```` b", "~~~", "<b>", "    x"])
def test_lines_are_code_that_ends_where_it_should(line: str) -> None:
    tokens = _tokens(Lines((line, "last")))
    assert [t.type for t in tokens] == ["fence"]
    assert tokens[0].content == f"{line}\nlast\n"


def test_what_commands_a_terminal_is_a_token_in_code_too() -> None:
    assert code_block(["a\x1b[2J"]) == "```\na⟦U+001B⟧[2J\n```"
