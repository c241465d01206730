"""The page for everyone: keyboard alone, both colour schemes, a phone, paper, and axe's rules."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

Show = Callable[..., Any]
PHONE = {"width": 390, "height": 844}


def focused(page: Any) -> str:
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


def test_the_keyboard_alone_sorts_reads_a_number_and_opens_an_example(
    show: Show, shipped_report: Path
) -> None:
    page = show(shipped_report)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the results"
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if focused(page) == "unsupported":
            break
    page.keyboard.press("Enter")
    assert page.locator("#summarize th[aria-sort=descending]").inner_text() == "unsupported"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "figure":
            break
    first = focused(page)
    page.keyboard.press("ArrowDown")
    assert focused(page) != first
    assert "rougeLsum|" in page.locator("#tip").inner_text()
    page.keyboard.press("ArrowRight")
    assert "support|" in page.locator("#tip").inner_text()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == first
    page.locator("#list-find").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'example'")
    assert page.evaluate("location.hash").startswith("#summarize/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("3 of 5").wait_for()


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        pytest.param(None, "light", id="desktop-light"),
        pytest.param(PHONE, "dark", id="phone-dark"),
        pytest.param(None, "dark", id="desktop-dark", marks=pytest.mark.minutes),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.minutes),
    ],
)
def test_axe_finds_nothing_serious(
    show: Show, shipped_report: Path, scheme: str, viewport: dict[str, int] | None
) -> None:
    size = {"viewport": viewport} if viewport else {}
    page = show(
        shipped_report, "#answer/ians-tokyo-visit/where-summit-held", color_scheme=scheme, **size
    )
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    # The policy forbids what an inline script of axe's own would do to styles; its rules do not.
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]} {one['nodes'][0].get('failureSummary')}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_colour_schemes_differ_and_follow_the_reader(show: Show, shipped_report: Path) -> None:
    def lightness(scheme: str) -> tuple[int, int]:
        page = show(shipped_report, color_scheme=scheme)
        style = "getComputedStyle(document.body)"
        colours = page.evaluate(f"[{style}.backgroundColor, {style}.color]")
        ground, ink = (sum(json.loads(f"[{one[4:-1]}]")) for one in colours)
        return ground, ink

    ground, ink = lightness("light")
    assert ground > 600 > 200 > ink
    ground, ink = lightness("dark")
    assert ground < 200 < 600 < ink


def test_nothing_sticks_out_of_a_phone(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    # Name, score and interval are seen without scrolling the table.
    cell = page.locator("#summarize td.reach").first.bounding_box()
    assert cell["x"] + cell["width"] <= PHONE["width"]


def test_on_paper_the_tables_stand_whole_on_white(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#summarize .tools").is_visible()
    assert page.locator("#how .commands").is_visible()
    assert len(page.pdf()) > 10_000


def test_without_scripts_the_tables_and_plots_are_there(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, java_script_enabled=False)
    assert page.locator("#summarize table.board tbody tr").count() == 7
    assert page.locator("#summarize .plots svg[role=img]").count() == 3
