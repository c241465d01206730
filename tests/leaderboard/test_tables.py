"""The frozen leaderboard, a full run with real models, in each format and at each width."""

import csv
import io
import itertools
import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.printing.flat import leaderboard_csv
from harness.leaderboard.printing.pair_table import model_pairs
from harness.leaderboard.printing.tables import tables
from harness.tables.markdown import markdown_text
from harness.tables.terminal import Display, terminal_text

FROZEN = Path(__file__).parents[1] / "frozen" / "leaderboard.json"


@pytest.fixture(scope="module")
def board() -> Leaderboard:
    return Leaderboard.model_validate_json(FROZEN.read_text(encoding="utf-8"))


def _tables_of(text: str) -> list[list[str]]:
    """Return the lines of each table: those of the block that has a rule below its header."""
    blocks = [block.split("\n") for block in text.split("\n\n")]
    return [lines for lines in blocks if len(lines) > 1 and re.fullmatch("[- ]+", lines[1])]


def _cells(lines: list[str]) -> list[list[str]]:
    """Return the cells of a table by where its rule has gaps."""
    spans = [match.span() for match in re.finditer("-+", lines[1])]
    return [[line[start:end].strip() for start, end in spans] for line in lines]


@pytest.mark.parametrize("width", range(40, 201))
def test_at_each_width_the_leaderboard_fits_and_says_what_it_left_out(
    board: Leaderboard, width: int
) -> None:
    text = terminal_text(tables(board), Display(width))
    assert max(map(len, text.splitlines())) <= width
    made = _tables_of(text)
    assert len(made) == 6
    whole = [_cells(lines) for lines in _tables_of(terminal_text(tables(board), Display()))]
    gone: set[str] = set()
    for lines, full in zip(made, whole, strict=True):
        header, _, *rows = _cells(lines)
        full_header, _, *full_rows = full
        gone |= set(full_header) - set(header)
        if full_header[0].endswith(", pairwise"):
            needed = {"points", "p adj."}
        else:
            needed = {"rank", next(name for name in full_header if name.endswith(" *")), "n"}
        assert {full_header[0], *needed} <= set(header)
        places = [full_header.index(name) for name in header]
        assert places == sorted(places)
        assert len(rows) == len(full_rows)
        for row, full_row in zip(rows, full_rows, strict=True):
            numbers = [full_row[place] for place in places[1:]]
            for name, cell, number in zip(header[1:], row[1:], numbers, strict=True):
                assert cell in {number, _without_interval(name, number)}  # no number is broken
            start, _, end = row[0].partition("…")
            assert full_row[0].startswith(start)
            assert full_row[0].endswith(end)
        assert len({row[0] for row in rows}) == len(rows)
    short = any("…" in line for lines in made for line in lines)
    assert ("above floor: points above" in text) == ("above floor" not in gone)
    said = re.findall(
        r"Left out to fit a width of (\d+): (.*?)\. --wide shows all\.", _unfilled(text)
    )
    assert bool(said) == bool(gone or short)
    if said:
        names, _, middle = said[0][1].partition("; ")
        assert said == [(str(width), said[0][1])]
        assert set(names.split(", ")) == gone
        assert bool(middle) == short


def _without_interval(name: str, number: str) -> str:
    """Return a number of coverage without its interval, which goes before other columns do."""
    return number.partition(" [")[0] if name in {"coverage", "above lead"} else number


def _unfilled(text: str) -> str:
    return text.replace("\n", " ")


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (40, "summarize, rank, rougeLsum *, n"),
        (60, "summarize, rank, rougeLsum *, support, n"),
        (80, "summarize, rank, rougeLsum *, support, coverage, above lead, n"),
        (
            100,
            "summarize, rank, rougeLsum *, support, unsupported, coverage, above lead, words, n",
        ),
        (
            120,
            "summarize, rank, rougeLsum *, support, unsupported, coverage, above lead, words, n",
        ),
        (
            160,
            "summarize, rank, rouge1, rouge2, rougeL, rougeLsum *, support, unsupported, coverage, "
            "above lead, words, n",
        ),
    ],
)
def test_what_is_needed_most_stays(board: Leaderboard, width: int, columns: str) -> None:
    first, *_ = _tables_of(terminal_text(tables(board), Display(width)))
    assert _cells(first)[0] == columns.split(", ")


def test_two_models_stand_side_by_side_and_floors_do_not(board: Leaderboard) -> None:
    comparison = next(
        line
        for line in board.comparisons
        if (line.task, line.scope, line.a, line.b)
        == ("answer", "article", "minilm-qa", "smollm2-135m")
    )
    pairs = _cells(_tables_of(terminal_text(tables(board), Display()))[4])
    assert [cells[0] for cells in pairs] == [
        "f1, pairwise",
        pairs[1][0],
        "minilm-qa - smollm2-135m",
    ]
    assert pairs[2][1] == f"{100 * comparison.difference:+.1f}"
    assert pairs[2][5:] == [
        f"{comparison.p_adjusted:.3f}",
        *map(str, (comparison.wins, comparison.losses, comparison.ties)),
    ]


@pytest.mark.parametrize(("models", "wide", "shown"), [(4, False, 6), (5, False, 0), (5, True, 10)])
def test_of_many_models_only_wide_shows_each_pair(
    board: Leaderboard, models: int, wide: bool, shown: int
) -> None:
    first = next(row for row in board.rows if row.role == "model")
    rows = [first.model_copy(update={"model": f"m{place}"}) for place in range(models)]
    line = board.comparisons[0]
    pairs = [
        line.model_copy(update={"a": a.model, "b": b.model})
        for a, b in itertools.combinations(rows, 2)
    ]
    floor = line.model_copy(update={"a": "m0", "b": "lead-3"})
    assert model_pairs(rows, [*pairs, floor], wide) == pairs[:shown]


def _changed(board: Leaderboard, **changes: object) -> Leaderboard:
    """Return the leaderboard with the first row of answers changed."""
    place = next(i for i, row in enumerate(board.rows) if row.task == "answer")
    row = board.rows[place].model_copy(update=changes)
    rows = [*board.rows[:place], row, *board.rows[place + 1 :]]
    return board.model_copy(update={"rows": rows})


def test_failures_and_the_numbers_of_beaten_rows_stay_with_what_is_needed(
    board: Leaderboard,
) -> None:
    row = next(row for row in board.rows if row.task == "answer")
    failed = _changed(board, counts=row.counts.model_copy(update={"error": 3, "ok": 128}))
    beating = _changed(failed, beats=["no-answer"])
    text = terminal_text(tables(beating), Display(52))
    assert max(map(len, text.splitlines())) <= 52
    answers = _tables_of(text)[3]
    assert _cells(answers)[0] == ["answer", "#", "rank", "f1 *", "n", "failed"]
    assert _cells(answers)[2][1:] == ["1", "1-4 ²", "77.9 [66.1, 89.7]", "128", "3"]


def test_a_hostile_name_stays_one_cell_in_each_format(board: Leaderboard) -> None:
    name = "=cmd|' /C calc'!A0\x1b[2J\u202e`|\nx"
    hostile = _changed(board, model=name)
    shown = "=cmd|' /C calc'!A0⟦U+001B⟧[2J⟦U+202E⟧`| x"
    text = terminal_text(tables(hostile), Display())
    assert _cells(_tables_of(text)[3])[2][0] == shown
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown_text(tables(hostile)))
    cells = [
        "".join(child.content for child in token.children or [])
        for token in tokens
        if token.type == "inline"
    ]
    assert shown in cells
    models = [
        row["model"] for row in csv.DictReader(io.StringIO(leaderboard_csv(hostile), newline=""))
    ]
    assert f"'{shown.replace('| x', '|')}\nx" in models


def test_csv_has_every_row_and_number_of_the_json(board: Leaderboard) -> None:
    rows = list(csv.DictReader(io.StringIO(leaderboard_csv(board), newline="")))
    content = json.loads(FROZEN.read_text(encoding="utf-8"))
    assert len(rows) == len(content["rows"]) == 22
    for line, row in zip(rows, content["rows"], strict=True):
        assert (line["model"], line["task"], line["scope"]) == (
            row["model"],
            row["task"],
            row["scope"],
        )
        assert line["suite"] == "us-japan-rare-earths-2025"
        assert line["primary"] == content["primary"][row["task"]]
        for rank in ("rank", "worst_rank"):
            assert (line[rank] and int(line[rank])) == (row[rank] or "")
        assert (int(line["ok"]), float(line["seconds"])) == (row["counts"]["ok"], row["seconds"])
        for name, number in row["metrics"].items():
            assert float(line[name]) == number["mean"]
            assert line[f"{name}_signature"] == number["signature"]
            interval = number["interval"] or {"low": "", "high": ""}
            assert [line[f"{name}_{end}"] for end in ("low", "high")] == [
                str(interval[end]) for end in ("low", "high")
            ]
        other = "f1" if row["task"] == "summarize" else "rouge1"
        assert (line[other], line[f"{other}_n"]) == ("", "")


@pytest.mark.parametrize(
    ("asked", "served", "told"),
    [
        ("gpt-4o", ["gpt-4o-2024-08-06"], None),
        ("Qwen/Qwen2.5-0.5B-Instruct", ["qwen2.5-0.5b-instruct"], None),
        ("llama3.2", ["llama3.2:latest"], None),
        ("m", [], None),
        ("big", ["small"], "srv: by the server's word small answered; big was asked for."),
        ("gpt-4o", ["gpt-4o-05", "gpt-4o-08"], "srv: by the server's word gpt-4o-05 and gpt-4o-08"),
    ],
)
def test_another_model_than_was_asked_for_is_told(
    board: Leaderboard, asked: str, served: list[str], told: str | None
) -> None:
    row = board.rows[0].model_copy(
        update={"model": "srv", "served_by": served, "identity": {"model": asked}}
    )
    changed = board.model_copy(update={"rows": [row, *board.rows[1:]]})
    text = " ".join(terminal_text(tables(changed), Display()).split())
    assert ("by the server's word" in text) == (told is not None)
    assert told is None or told in text
