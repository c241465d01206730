"""Expected lines are counted by hand: a letter a cell, but two for each wide one."""

import re

import pytest

from harness.tables.table import Column, Lines, Note, Notes, Part, Table, TableRow
from harness.tables.terminal import Display, filled, terminal_text

TABLE = Table(
    (Column("model", align="left", names=True), Column("f1 *"), Column("MB", keep=0)),
    (
        TableRow(("minilm-qa", "77.9 [66.2, 89.7]", "839")),
        TableRow(("(no-answer)", "22.9", "77"), "dim"),
    ),
)
WIDE = """\
model                     f1 *   MB
-----------  -----------------  ---
minilm-qa    77.9 [66.2, 89.7]  839
(no-answer)               22.9   77
"""
NARROW = """\
model                     f1 *
-----------  -----------------
minilm-qa    77.9 [66.2, 89.7]
(no-answer)               22.9

Left out to fit a width of 30:
MB. --wide shows all.
"""


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        (Display(), WIDE),
        (Display(200), WIDE),
        (Display(35), WIDE),
        (Display(30), NARROW),
        (Display(30, wide=True), WIDE),
    ],
)
def test_a_table(display: Display, expected: str) -> None:
    assert terminal_text([TABLE], display) == expected


def test_letters_of_two_cells_and_marks_of_none_stand_in_line() -> None:
    rows = (TableRow(("模型", "1.0", "2")), TableRow(("e\u0301le\u0300ve", "22.0", "3")))
    assert terminal_text([Table(TABLE.columns, rows)], Display()).splitlines() == [
        "model  f1 *  MB",
        "-----  ----  --",
        "模型    1.0   2",
        "e\u0301le\u0300ve  22.0   3",
    ]


def test_what_went_is_said_below_the_last_table_and_its_notes() -> None:
    note = Notes((Note("A note."),))
    parts: list[Part] = [TABLE, note, TABLE, note, Lines(("The end.",))]
    blocks = terminal_text(parts, Display(30)).strip().split("\n\n")
    assert [block.split("\n")[0] for block in blocks] == [
        "model                     f1 *", "A note.", "model                     f1 *", "A note.",
        "Left out to fit a width of 30:", "The end.",
    ]  # fmt: skip


def test_names_cut_short_are_said_too() -> None:
    rows = (TableRow(("facebook/bart-large-cnn", "77.9", "839")),)
    lines = terminal_text([Table(TABLE.columns, rows)], Display(20)).splitlines()
    assert lines[2] == "faceboo…ge-cnn  77.9"
    assert " ".join(lines[4:]) == (
        "Left out to fit a width of 20: MB; the middle of long names. --wide shows all."
    )


@pytest.mark.parametrize("colours", [False, True])
def test_no_name_commands_the_terminal(colours: bool) -> None:
    name = "\x1b[2J\x9b1m\u202egnp\x07[bold]red[/bold]\r\n:smile:"
    parts: list[Part] = [
        Table((Column(name, align="left"),), (TableRow((name,)),)),
        Notes((Note(name, "warning"),)), Lines((name,)),
    ]  # fmt: skip
    text = terminal_text(parts, Display(200, colours=colours))
    assert not re.search(r"\x1b(?!\[[0-9;]*m)|[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e]", text)
    assert ("\x1b" in text) == colours
    assert text.count("[bold]red[/bold]") == 4  # no markup of rich, nor emoji
    assert text.count(":smile:") == 4


def test_colours_are_sparing_and_say_nothing_alone() -> None:
    plain = terminal_text([TABLE, Notes((Note("Caution.", "warning"),))], Display(80))
    coloured = terminal_text(
        [TABLE, Notes((Note("Caution.", "warning"),))], Display(80, colours=True)
    )
    # SGR of ECMA-48: 1 is bold, 2 faint, 33 yellow.
    assert "\x1b[1mmodel      \x1b[0m" in coloured
    assert "\x1b[2m(no-answer)\x1b[0m" in coloured
    assert "\x1b[33mCaution.\x1b[0m" in coloured
    assert "minilm-qa    77.9 [66.2, 89.7]  839\n" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


@pytest.mark.parametrize(
    ("text", "width", "hang", "expected"),
    [
        ("one two three", 7, 0, ["one two", "three"]),
        ("  now      5 articles here", 18, 9, ["  now      5", " " * 11 + "articles", " " * 11 + "here"]),
        ("a /a/path/that/is/longer b", 10, 2, ["a", "  /a/path/that/is/longer", "  b"]),
        ("模型 模型 模型", 9, 0, ["模型 模型", "模型"]),
        ("", 10, 2, [""]),
    ],
)  # fmt: skip
def test_filled(text: str, width: int, hang: int, expected: list[str]) -> None:
    assert filled(text, width, hang) == expected


def test_notes_are_filled_everywhere_and_lines_on_a_terminal_alone() -> None:
    words = "word " * 40
    note, line = Notes((Note(words),)), Lines((words.strip(), "  end"))
    assert max(map(len, terminal_text([note], Display(200)).splitlines())) <= 96
    assert max(map(len, terminal_text([note], Display()).splitlines())) <= 96
    assert max(map(len, terminal_text([note], Display(50, wide=True)).splitlines())) <= 50
    assert terminal_text([line], Display()) == f"{words.strip()}\n  end\n"
    assert max(map(len, terminal_text([line], Display(50)).splitlines())) <= 50
    copied = Lines((words.strip(),), hang=None)
    assert terminal_text([copied], Display(50)) == f"{words.strip()}\n"
