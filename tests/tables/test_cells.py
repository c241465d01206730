"""Cells of CSV, read back by the csv module. What is hostile in Markdown: `test_markdown`."""

import csv
import io
import re

import pytest

from harness.tables.cells import csv_cell, csv_text, one_line

HOSTILE = [
    "=HYPERLINK(\"http://evil\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1", "-", "\r=1",
]  # fmt: skip


def test_csv_is_read_back_as_it_was() -> None:
    rows: list[list[object]] = [
        ["plain", 0.1 + 0.2, 3, None], ['say "hi", all', -0.05, -1, True], ["two\nlines", 1e-05, 0, False],
    ]  # fmt: skip
    made = csv_text(["model", "f1", "n", "present"], rows)
    assert "\r" not in made
    read = list(csv.reader(io.StringIO(made, newline="")))
    assert read == [
        ["model", "f1", "n", "present"],
        ["plain", "0.30000000000000004", "3", ""],
        ['say "hi", all', "-0.05", "-1", "yes"],
        ["two\nlines", "1e-05", "0", "no"],
    ]


def test_a_table_without_rows_has_its_header() -> None:
    assert csv_text(["where", "stored"], []) == "where,stored\n"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_csv_cell_is_a_formula(name: str) -> None:
    (read,) = csv.reader(io.StringIO(csv_text([name], []), newline=""))
    assert not re.match(r"\s*[=+\-@＝]", read[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-0.05", "-0.05"), ("+3", "+3"), ("-1e-05", "-1e-05"), ("-", "'-"), ("-1+1", "'-1+1"), ("", ""),
     ("＝1", "'＝1"), ("\r=1", "'\r=1"), ("a=1", "a=1")],
)  # fmt: skip
def test_plain_numbers_stay_numbers(text: str, expected: str) -> None:
    assert csv_cell(text) == expected


def test_what_cannot_be_seen_is_a_token() -> None:
    made = csv_text(["\u202etxt.exe"], [["\x1b]0;title\x07"]])
    assert made == "⟦U+202E⟧txt.exe\n⟦U+001B⟧]0;title⟦U+0007⟧\n"
    assert one_line("a\r\n\tb\u202e") == "a b⟦U+202E⟧"
