"""A run in which every text is hostile: the suite's, the models' and their names."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.report.write import write_report
from tests import small_runs

Show = Callable[..., Any]
LONG = "x" * 100_000
HOSTILE = (
    "</script><script>window.hacked = 1</script> <img src=x onerror='window.hacked = 1'> "
    "<svg onload=window.hacked=1> javascript:window.hacked=1 {{ 7 * 7 }} @0@ ]]> <!-- "
    "\" onmouseover=\"window.hacked=1 ' onfocus='window.hacked=1 &lt;b&gt; ${window.hacked=1} \u2028"
)
UNSEEN = "safe\u202etxt.exe\u2066 nul\x00here \x1b[31mred \u200bzero"


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Floors on a hostile suite; then a model renamed and made to say hostile things."""
    root = tmp_path_factory.mktemp("hostile")
    suite = small_runs.suite(root / "suite", articles=2, questions=2)
    article = suite / "seeds" / "a.txt"
    told = article.read_text(encoding="utf-8")
    article.write_text(f"{told}{HOSTILE}\n{LONG}\n", encoding="utf-8")
    golden = suite / "goldens" / "a.yaml"
    text = golden.read_text(encoding="utf-8")
    asked = json.dumps(f"{HOSTILE} number 0?")
    golden.write_text(text.replace('"What is number 0?"', asked), encoding="utf-8")
    run = small_runs.run(suite, root / "run")
    name = HOSTILE + UNSEEN + LONG

    def rename(line: small_runs.Line) -> small_runs.Line:
        if line["model"] != "lead-3":
            return line
        return line | {"model": name, "text": f"{HOSTILE}{UNSEEN} {LONG}", "raw": HOSTILE}

    small_runs.changed_copy(run, run, rename)
    small_runs.judge_by_hand(
        run,
        [
            {"model": model, "example": "a", "text": text, "question": "a/q0",
             "answer": f"{HOSTILE}{UNSEEN} {LONG}", "scores": {"f1": 0.0}}
            for model, text in ((name, "output"), ("people", "reference:1"))
        ],
    )  # fmt: skip

    def edit(board: dict[str, Any]) -> None:
        for row in board["rows"]:
            row["beats"] = [name if one == "lead-3" else one for one in row["beats"]]
            if row["model"] == "lead-3":
                row |= {"model": name, "licence": HOSTILE, "kind": HOSTILE}
        for one in board["comparisons"]:
            for side in ("a", "b"):
                one[side] = name if one[side] == "lead-3" else one[side]

    small_runs.edit_board(run, edit)
    return write_report(run, suite)


def test_hostile_texts_are_only_texts(show: Show, hostile_report: Path) -> None:
    page = show(hostile_report)
    expected = page.evaluate("document.querySelectorAll('script').length")
    assert expected == hostile_report.read_text(encoding="utf-8").count("<script")
    for address in ("#summarize/a", "#answer/a/q0", "#summarize/b"):
        page.goto(hostile_report.as_uri() + address)
        own = page.get_by_role("link", name="link to this example")
        own.and_(page.locator(f"[href='{address}']")).wait_for()
        page.locator("#example details").evaluate_all(
            "all => all.forEach((one) => one.open = true)"
        )
    page.locator("#summarize .figure").first.focus()
    page.locator("#summarize .find").fill("<img")
    page.mouse.move(300, 300)
    assert page.evaluate("window.hacked") is None
    assert (
        page.locator(
            "img, iframe, object, embed, svg[onload], [onerror], [onmouseover], [onfocus]"
        ).count()
        == 0
    )
    assert page.locator("a:not([href^='#'])").count() == 0
    # It is all there to be read.
    named = page.locator("#summarize tr.floor .called", has_text="{{ 7 * 7 }} @0@ ]]> <!--")
    assert named.count() == 1
    page.goto(hostile_report.as_uri() + "#answer/a/q0")
    page.locator("#example h3", has_text="number 0?").wait_for()
    assert "</script><script>window.hacked = 1</script>" in page.locator("#example h3").inner_text()


def test_what_cannot_be_seen_is_shown(show: Show, hostile_report: Path) -> None:
    page = show(hostile_report, "#summarize/a")
    said = page.locator("#example .output", has_text="7 * 7").first.inner_text()
    for token in ("⟦U+202E⟧", "⟦U+2066⟧", "⟦U+0000⟧", "⟦U+001B⟧", "⟦U+200B⟧"):
        assert token in said
    html = hostile_report.read_text(encoding="utf-8")
    assert not {"\u202e", "\u2066", "\x00", "\x1b", "\u2028"} & set(html)


def test_what_a_reader_answered_is_only_text(show: Show, hostile_report: Path) -> None:
    page = show(hostile_report, "#summarize/a")
    page.locator("#example details").evaluate_all("all => all.forEach((one) => one.open = true)")
    said = page.locator("#example .asked", has_text="Answered wrongly (1)")
    assert said.count() == 2  # of a summary and of a reference
    for text in said.all_inner_texts():
        assert "</script><script>window.hacked = 1</script>" in text
        assert "⟦U+202E⟧" in text
    assert page.evaluate("window.hacked") is None


def test_long_words_neither_fill_the_page_nor_stretch_it(show: Show, hostile_report: Path) -> None:
    for width in (1280, 390):
        page = show(hostile_report, "#summarize/a", viewport={"width": width, "height": 844})
        page.locator("#example .output").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert hostile_report.stat().st_size < 1_000_000


def test_the_policy_refuses_what_would_get_in(show: Show, hostile_report: Path) -> None:
    """Even from within the page no text becomes markup or code."""
    page = show(hostile_report, expects="This document requires 'Trusted")
    tried = (
        "(text) => { try { document.body.innerHTML = text; } catch (error) { return error.name; } }"
    )
    assert page.evaluate(tried, HOSTILE) == "TypeError"
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
