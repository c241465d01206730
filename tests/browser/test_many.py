"""10,000 examples: the page is there at once, and its texts come from the files beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.leaderboard.run_folder import read_run
from harness.report.building.build import ReportData, build_report
from harness.report.content.example import Chunk
from harness.report.content.group import Group
from harness.report.rendering.chunks import place_chunks
from harness.report.rendering.page_html import page_html
from harness.suite.suite import read_suite
from tests import small_runs
from tests.browser.conftest import launched

Show = Callable[..., Any]
TOTAL = 10_000
EACH = 200


@dataclass(frozen=True)
class Many(ReportData):
    """A run's page with its examples over and over: 10,000 predictions take too long to make."""

    def chunks(self) -> Iterator[Chunk]:
        (first,) = super().chunks()
        known = [one for one in first.examples if one.group == "answer"]
        filler = "A sentence that makes the article as long as real ones are. " * 60
        sources = {
            name: one.model_copy(
                update={"text": one.text.model_copy(update={"text": one.text.text + filler})}
            )
            for name, one in first.sources.items()
        }
        for number in range(TOTAL // EACH):
            numbers = range(number * EACH, (number + 1) * EACH)
            some = tuple(
                known[at % len(known)].model_copy(
                    update={"id": f"{known[at % len(known)].id}-{at}"}
                )
                for at in numbers
            )
            yield Chunk(number=number, sources=sources, examples=some)


def many(group: Group) -> Group:
    """Return a group with its list of examples repeated; every 7th is told apart by its score."""
    index = group.examples
    size = len(index.ids)
    places = [at % size for at in range(TOTAL)]
    scores = tuple(
        column
        and tuple(
            round(at % 7 / 7, 4) if model == 0 else column[place] for at, place in enumerate(places)
        )
        for model, column in enumerate(index.scores)
    )
    repeated = index.model_copy(
        update={
            "total": TOTAL,
            "ids": tuple(f"{index.ids[place]}-{at}" for at, place in enumerate(places)),
            "titles": tuple(f"{index.titles[place]} ({at})" for at, place in enumerate(places)),
            "chunks": tuple(at // EACH for at in range(TOTAL)),
            "scores": scores,
            **{name: tuple(getattr(index, name)[place] for place in places)
               for name in ("articles", "kinds", "answerable", "lengths")},
        }
    )  # fmt: skip
    return group.model_copy(update={"examples": repeated})


@pytest.fixture(scope="module")
def browser(browser: Any) -> Iterator[Any]:
    """A browser that counts what scripts do: code that it makes faster counts no more."""
    found = launched(browser.browser_type, "--js-flags=--no-opt --no-maglev")
    yield found
    found.close()


@pytest.fixture(scope="module")
def large_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many")
    suite = small_runs.suite(root / "suite", articles=5, questions=4)
    run = small_runs.run(suite, root / "run")
    built = build_report(read_run(run), read_suite(suite), suite_name=suite)
    group = next(one for one in built.page.groups if one.id == "answer")
    page = built.page.model_copy(update={"groups": (many(group),)})
    path = root / "run" / "report.html"
    placed = place_chunks(
        Many(
            page,
            built.groups_with_base,
            built.chunk_positions,
            built.known_seconds,
            built.judgments,
            built.metric_options,
        ),
        path,
    )
    path.write_text("".join(page_html(placed.page, placed.inline)), encoding="utf-8")
    assert len(placed.page.chunk_files) == TOTAL // EACH
    return path


def counting(page: Any) -> Callable[[], int]:
    """Return what gives how many blocks of its scripts a page has run since it was last asked.

    A clock would say as much of the machine as of the page.
    """
    profiler = page.context.new_cdp_session(page)
    profiler.send("Profiler.enable")
    profiler.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})

    def count() -> int:
        scripts = profiler.send("Profiler.takePreciseCoverage")["result"]
        functions = [one for x in scripts if x["url"] == page.url for one in x["functions"]]
        return sum(block["count"] for one in functions for block in one["ranges"])

    return count


def test_the_first_view_is_little_work_and_so_is_turning_a_page(
    show: Show, large_report: Path
) -> None:
    page = show(large_report)
    blocks = counting(page)
    page.reload()
    assert blocks() < 300_000
    assert page.locator("head script").count() == 1
    assert page.locator("*").count() < 2_000
    assert large_report.stat().st_size < 2_000_000
    assert page.locator("#list-count").inner_text() == "10,000 examples"
    for _ in range(15):
        blocks()
        page.locator("#list-on").click()
        assert 500 < blocks() < 2_000
    assert page.locator("#list-page").inner_text() == "751 to 800"
    assert page.locator("#list a").count() == 50
    page.locator("#list-find").fill("(9999)")
    assert 10_000 < blocks() < 200_000
    assert page.locator("#list a").count() == 1


def test_texts_come_from_the_file_that_has_them(show: Show, large_report: Path) -> None:
    page = show(large_report, "#answer/e/q3-9999")
    page.locator("#example h3", has_text="What is number 3?").wait_for()
    assert (
        page.locator("#example .source .text")
        .inner_text()
        .startswith("Ann met Bob on Monday at eplace.")
    )
    assert page.locator("head script").count() == 1
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert "'strict-dynamic'" in policy


def test_a_file_that_is_missing_is_named(show: Show, large_report: Path) -> None:
    folder = large_report.with_name("report-examples")
    (missing,) = folder.glob("00001-*.js")
    aside = missing.rename(missing.with_suffix(".aside"))
    try:
        page = show(large_report, f"#answer/{'a/q0'}-200", expects="ERR_FILE_NOT_FOUND")
        page.get_by_text("cannot be read: it belongs beside this page").wait_for()
    finally:
        aside.rename(missing)
