"""The leaderboard in a browser. What it must show is read from the recorded leaderboard.json."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BOARD = json.loads((Path(__file__).parent.parent / "frozen" / "leaderboard.json").read_text())
ROWS = [row for row in BOARD["rows"] if (row["task"], row["scope"]) == ("summarize", "article")]
Show = Callable[..., Any]
SHOWN = {"support", "unsupported", "coverage", "above_lead", "words"}
HIDDEN = {"rouge1", "rouge2", "rougeL"}
COUNTS = {"unsupported", "words"}


def figure(name: str, mean: float) -> str:
    """Return a mean as the page has it: a difference with its sign, counts as they are."""
    if name == "above_lead":
        text = f"{100 * mean:+.1f}".replace("-", "−")
        return text if float(f"{100 * mean:.1f}") else "0.0"
    return f"{mean if name in COUNTS else 100 * mean:.1f}"


def names(page: Any) -> list[str]:
    found: list[str] = page.locator("#summarize table.board tr:not(.off) .called").all_inner_texts()
    return found


def by(key: Callable[[dict[str, Any]], Any], *, reverse: bool = False) -> list[str]:
    """Return the rows' names, sorted; rows without a value last."""
    known = [row for row in ROWS if key(row) is not None]
    others = [row for row in ROWS if key(row) is None]
    return [row["model"] for row in [*sorted(known, key=key, reverse=reverse), *others]]


def test_every_number_of_the_leaderboard_is_on_it(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report)
    assert names(page) == [row["model"] for row in ROWS]
    for row in ROWS:
        line = page.locator(f"#summarize tr[data-words^='{row['model']} ']")
        shown = line.locator(".figure:visible").all_inner_texts()
        primary = row["metrics"]["rougeLsum"]["mean"]
        others = {name: one["mean"] for name, one in row["metrics"].items() if name in SHOWN}
        assert shown == [
            f"{100 * primary:.1f}",
            *(figure(name, mean) for name, mean in others.items()),
        ]
        more = {*others, "rougeLsum", "novel_1grams", "novel_3grams"}
        assert line.locator(".figure:not(:visible)").count() == len(row["metrics"].keys() - more)


def test_every_leaderboard_fits_a_laptop(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, viewport={"width": 1300, "height": 900})
    widths = page.evaluate(
        "[...document.querySelectorAll('table.board')].map("
        "table => [table.scrollWidth, table.parentElement.clientWidth])"
    )
    assert len(widths) == len({(row["task"], row["scope"]) for row in BOARD["rows"]})
    assert [table for table, room in widths if table > room] == []


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("unsupported", lambda row: row["metrics"]["unsupported"]["mean"]),
        ("rougeLsum", lambda row: row["metrics"]["rougeLsum"]["mean"]),
        ("Model", lambda row: row["model"]),
        ("MB", lambda row: row["weights_bytes"]),
    ],
)
def test_a_heading_sorts_either_way(
    show: Show, shipped_report: Path, column: str, key: Callable[[dict[str, Any]], Any]
) -> None:
    page = show(shipped_report)
    heading = page.locator("#summarize table.board").get_by_role("button", name=column, exact=True)
    ways = set()
    for _ in range(2):
        heading.click()
        way = heading.locator("xpath=..").get_attribute("aria-sort")
        ways.add(way)
        assert names(page) == by(key, reverse=way == "descending")
    assert ways == {"ascending", "descending"}


def test_rows_are_found_and_hidden_in_all_that_is_drawn_of_them(
    show: Show, shipped_report: Path
) -> None:
    page = show(shipped_report)
    section = page.locator("#summarize")
    section.locator(".find").fill("FLOOR")
    floors = [row["model"] for row in ROWS if row["role"] == "floor"]
    assert names(page) == floors
    assert section.locator(".model_marks path:visible").count() == 0
    assert section.locator(".pairs thead th:visible").all_inner_texts()[1:] == floors
    section.locator(".find").fill("")
    section.locator(".menu.rows summary").click()
    section.get_by_label("lead-3", exact=True).uncheck()
    assert "lead-3" not in names(page)
    assert len(names(page)) == len(ROWS) - 1
    assert page.locator("#said").inner_text() == f"{len(ROWS) - 1} of {len(ROWS)} rows shown."


def test_a_column_is_hidden(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report)
    section = page.locator("#summarize")
    section.locator(".menu.columns summary").click()
    section.locator(".menu.columns").get_by_label("words").uncheck()
    assert not section.locator(".menu.columns").get_by_label("novel_2grams").is_checked()
    section.locator(".menu.columns").get_by_label("novel_2grams").check()
    shown = section.locator("table.board thead th:visible").all_inner_texts()
    assert "words" not in shown
    assert "unsupported" in shown
    assert not HIDDEN & set(shown)
    assert "novel_2grams" in shown
    assert "support_least" not in shown
    page.keyboard.press("Escape")
    assert not section.locator(".menu.columns > div").is_visible()


def test_a_number_tells_its_signature_when_pointed_at_and_when_focused(
    show: Show, shipped_report: Path
) -> None:
    page = show(shipped_report)
    figure = page.locator("#summarize tr[data-words^='lead-3 '] .figure").first
    signature = ROWS[1]["metrics"]["rougeLsum"]["signature"]
    assert ROWS[1]["model"] == "lead-3"
    tip = page.locator("#tip")
    figure.hover()
    assert signature in tip.inner_text()
    page.mouse.move(0, 0)
    assert not tip.is_visible()
    figure.focus()
    assert signature in tip.inner_text()
    assert figure.get_attribute("aria-describedby") == "tip"
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_the_rows_shown_are_copied_in_the_order_shown(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, permissions=["clipboard-read", "clipboard-write"])
    section = page.locator("#summarize")
    section.locator(".find").fill("floor")
    section.locator("table.board").get_by_role("button", name="Model", exact=True).click()
    # What the button says it says for a moment, which ends when the page's clock goes on.
    page.clock.install(time=0)
    page.clock.pause_at(1_000_000)
    section.get_by_role("button", name="CSV").click()
    section.get_by_role("button", name="Copied").wait_for()
    page.clock.run_for(1500)
    section.get_by_role("button", name="CSV").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    rows = list(csv.DictReader(io.StringIO(text)))
    floors = {row["model"]: row for row in ROWS if row["role"] == "floor"}
    assert [row["model"] for row in rows] == sorted(floors)
    for row in rows:
        assert float(row["rougeLsum"]) == floors[row["model"]]["metrics"]["rougeLsum"]["mean"]


def test_where_the_clipboard_is_closed_the_text_is_shown(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report)
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('closed')); }"
    )
    page.locator("#answer").get_by_role("button", name="LaTeX").click()
    dialog = page.get_by_role("dialog", name="Copy this text")
    assert "\\begin{tabular}" in dialog.get_by_role("textbox").input_value()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_pair_is_told_in_words_and_signs(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report)
    (pair,) = [
        one
        for one in BOARD["comparisons"]
        if (one["task"], one["scope"], one["a"], one["b"])
        == ("summarize", "article", "lead-3", "lexrank")
    ]
    cells = page.locator("#summarize .pairs tbody tr").first.locator("td .figure")
    assert cells.first.inner_text() == f"+{100 * pair['difference']:.1f}"
    cells.first.focus()
    told = page.locator("#tip").inner_text()
    assert f"{pair['wins']} better, {pair['ties']} the same, {pair['losses']} worse" in told
    assert "lead-3 less lexrank: not tested" in told  # two floors
    cells.nth(1).focus()
    assert "lead-3 less minilm-lexrank: not told apart" in page.locator("#tip").inner_text()


def test_each_cell_of_a_slice_says_over_how_many(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report)
    table = page.locator("#answer table.slices").first
    counts = [
        int(text.removeprefix("n "))
        for text in table.locator("tbody td:nth-of-type(1) .n").all_text_contents()
    ]
    assert sum(counts) == 131
    assert min(counts) >= 1
