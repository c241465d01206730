"""Tables to copy, read back by what reads them: the csv module, and a Markdown parser."""

import csv
import io
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from harness.report.building.copy_formats import copy_formats, latex_cell
from harness.report.content.group import AboveFloor, BoardRow, Copy, Cost, Value
from harness.report.content.part import Interval

HOSTILE = [
    "=HYPERLINK(\"http://evil\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "  =1", "a|b", "`x` | `y`",
    "[click](javascript:alert(1))", "<img src=x onerror=alert(1)>", "https://evil.example/x", "www.evil.example",
    "*bold* _it_ ~~no~~", 'say "hi", all', "a\\|b", "&lt;b&gt;", "\\textbf{x} 100% $5 #1 a_b ~ ^ {}",
    "line\nbreak", "plain",
]  # fmt: skip


def value(metric: str, mean: float | None, interval: Interval | None = None) -> Value:
    return Value(
        metric=metric, mean=mean, interval=interval, n=131, clusters=5, is_share=True,
        is_difference=False, with_interval=False, minor=False,
        signature=f"{metric}|v1", signature_short=f"{metric}:00000000", caution=None,
    )  # fmt: skip


def row(model: str, **changes: Any) -> BoardRow:
    cost = Cost(
        seconds=72.8, tokens_per_second=39.0, peak_memory_bytes=None, weights_bytes=98_362_432, price=None
    )  # fmt: skip
    fields: dict[str, Any] = {
        "model": model, "role": "model", "kind": "causal", "place": 1, "rank": 1, "worst_rank": 3, "beats": (),
        "primary": value("f1", 0.1666, Interval(low=0.137, high=0.197, method="t")),
        "secondary": (value("exact_match", None),),
        "above_floor": AboveFloor(floor="f", difference=-0.05, interval=None), "by_reference": (),
        "splits": (), "expected": 131, "ok": 130, "failed": 1, "missing": 0, "cut": 7, "cut_share": 0.25, "unfinished": 3,
        "cost": cost, "licence": "Apache-2.0", "weights": None, "prompt": None,
    }  # fmt: skip
    return BoardRow(**fields | changes)


def whole(copy: Copy) -> str:
    return copy.head + "".join(copy.rows) + copy.foot


def test_csv_has_every_number_in_full() -> None:
    made = whole(copy_formats([row("one"), row("two", rank=None, role="oracle")]).csv)
    first, second = csv.DictReader(io.StringIO(made, newline=""))
    assert {name: text for name, text in first.items() if text} == {
        "model": "one", "role": "model", "rank": "1", "worst_rank": "3", "f1": "0.1666", "f1_low": "0.137",
        "f1_high": "0.197", "f1_n": "131", "exact_match_n": "131", "above_floor": "-0.05", "expected": "131",
        "ok": "130", "failed": "1", "missing": "0", "cut": "7", "cut_share": "0.25",
        "unfinished": "3", "seconds": "72.8",
        "tokens_per_second": "39.0", "weights_bytes": "98362432", "licence": "Apache-2.0",
        "f1_signature": "f1|v1", "exact_match_signature": "exact_match|v1",
    }  # fmt: skip
    assert (second["model"], second["role"], second["rank"]) == ("two", "oracle", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_csv_cell_is_a_formula(name: str) -> None:
    made = whole(copy_formats([row(name, licence=name)]).csv)
    (read,) = csv.DictReader(io.StringIO(made, newline=""))
    for text in (read["model"], read["licence"]):
        assert text in (name, f"'{name}")
        assert not re.match(r"\s*[=+\-@]", text)


def cells(markdown: str) -> list[list[str]]:
    """Return the text of each cell of a table, as a parser of GitHub's Markdown reads it."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(markdown)
    assert [t.type for t in tokens if t.level == 0] == ["table_open", "table_close"]
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline":
            # An empty comment parts a sign from a name: GitHub shows nothing of it, and calls nobody.
            parts = [part for part in token.children or [] if part.content != "<!-- -->"]
            assert {part.type for part in parts} <= {"text", "text_special"}, parts
            rows[-1].append("".join(part.content for part in parts))
    return rows


@pytest.mark.parametrize("name", HOSTILE)
def test_a_markdown_cell_is_just_its_text(name: str) -> None:
    read = cells(whole(copy_formats([row(name), row("other")]).markdown))
    assert [len(one) for one in read] == [14, 14, 14]
    assert read[1][0] == " ".join(name.split())
    assert read[2][:5] == ["other", "1-3", "16.7", "13.7 to 19.7", ""]


# What each prints stands in the table of LaTeX's special characters (Lamport, LaTeX, section 2.1).
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b & 100 % #1 $5", r"a\_b \& 100 \% \#1 \$5"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("a<b>|c", r"a\textless{}b\textgreater{}\textbar{}c"),
        ("two\nlines", "two lines"),
        ("[1]*", "{[}1]{*}"),  # after \\\\ [1] would be a distance, and * an option too
        ("a--b", "a-{}-b"),
    ],
)
def test_latex_prints_the_text(text: str, expected: str) -> None:
    assert latex_cell(text) == expected


def test_latex_rows_have_as_many_cells_as_the_head() -> None:
    made = copy_formats([row(name) for name in HOSTILE]).latex
    lines = [line for line in whole(made).split("\n") if line.endswith(r"\\")]
    assert len(lines) == 1 + len(HOSTILE)
    for line in lines:
        assert len(re.findall(r"(?<!\\)&", line)) == 13
    assert made.head.startswith(r"\begin{tabular}{l" + "r" * 13 + "}")
    assert made.foot.endswith("\\end{tabular}\n")


def test_rows_can_be_left_out_and_set_in_another_order() -> None:
    made = copy_formats([row("a"), row("b"), row("c")]).markdown
    read = cells(made.head + made.rows[2] + made.rows[0])
    assert [one[0] for one in read] == ["model", "c", "a"]
