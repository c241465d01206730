"""The plane of support against coverage: what stands in it, what it claims, and how it is drawn."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.leaderboard.run_folder import read_run
from harness.report.building.build import build_report
from harness.report.content.group import Group
from harness.report.rendering.plane_plot import plane_plot
from harness.report.rendering.vega_process import VegaProcess
from harness.report.write import write_report
from harness.suite.suite import read_suite
from tests import small_runs

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

FROZEN = Path(__file__).parents[1] / "frozen"
Ends = tuple[float, float, float] | None
# Mean and ends of coverage and of above_lead, by row; random-3 was not judged.
NUMBERS: dict[str, tuple[Ends, Ends]] = {
    "lead-3": ((0.5, 0.3, 0.7), (0.0, 0.0, 0.0)),
    "lexrank": ((0.3, 0.2, 0.4), (-0.2, -0.3, -0.1)),
    "minilm-lexrank": ((0.4, 0.3, 0.5), (-0.1, -0.3, 0.1)),
    "smollm2-135m": ((0.2, 0.1, 0.3), (-0.3, -0.4, -0.2)),
    "people": ((0.6, 0.5, 0.7), (0.2, 0.1, 0.3)),
}
SHARE = {"low": 0, "high": 1, "direction": "higher", "role": "gated", "never_above": None,
         "partial": True}  # fmt: skip


def _number(ends: Ends, *, interval: bool) -> dict[str, Any]:
    mean, low, high = ends or (None, 0, 0)
    known = {"low": low, "high": high, "method": "t"} if ends and interval and low < high else None
    return {"mean": mean, "n": 5, "signature": "s", "interval": known, "clusters": 5}


def _group(
    folder: Path,
    edit: Callable[[dict[str, Any]], object],
    *,
    interval: bool = True,
    judged: bool = False,
) -> Group:
    """Return the group of summaries of the record, once it has been edited so."""
    shutil.copytree(FROZEN, folder)
    if judged:
        small_runs.judge_by_hand(folder, [])
    else:
        small_runs.unjudged(folder)

    def add_numbers(board: dict[str, Any]) -> None:
        board["metrics"] |= {"coverage": SHARE, "above_lead": SHARE | {"low": -1}}
        for row in board["rows"]:
            if row["task"] == "summarize":
                coverage, above = NUMBERS.get(row["model"], (None, None))
                row["metrics"] |= {
                    "coverage": _number(coverage, interval=interval),
                    "above_lead": _number(above, interval=interval),
                }
        edit(board)

    run = read_run(small_runs.edit_board(folder, add_numbers))
    return build_report(run, read_suite()).page.groups[0]


def _nothing(_: object) -> None:
    """Edit nothing."""


def test_points_are_the_rows_that_have_a_coverage(tmp_path: Path) -> None:
    plane = _group(tmp_path / "run", _nothing).plane
    assert plane is not None
    assert {point.model: point.coverage for point in plane.points} == {
        name: coverage[0] for name, (coverage, _) in NUMBERS.items() if coverage
    }
    people = next(point for point in plane.points if point.model == "people")
    row = next(row for row in read_run(FROZEN).board.rows if row.model == "people")
    assert people.coverage_interval is not None
    assert (people.coverage_interval.low, people.coverage_interval.high) == (0.5, 0.7)
    assert (people.support, people.words) == (
        row.metrics["support"].mean, row.metrics["words"].mean,
    )  # fmt: skip
    assert plane.left_out == ("oracle-extractive", "random-3")
    assert plane.whole is None


def test_what_is_claimed_is_what_intervals_against_the_lead_show(tmp_path: Path) -> None:
    """lead-3 is its own lead; the interval of minilm-lexrank holds 0."""
    plane = _group(tmp_path / "run", _nothing).plane
    assert plane is not None
    assert plane.claim == (
        "Held against the article's first words, as many as the summary has, by above_lead and "
        "each row's own interval: people covers more; lexrank and smollm2-135m cover less; of the "
        "others neither more nor less is shown."
    )


def test_without_intervals_nothing_is_claimed(tmp_path: Path) -> None:
    plane = _group(tmp_path / "run", _nothing, interval=False).plane
    assert plane is not None
    assert (
        plane.claim == "above_lead has no interval here, so of other articles nothing is claimed."
    )


def test_a_run_that_was_not_judged_has_no_plane(tmp_path: Path) -> None:
    run = shutil.copytree(FROZEN, tmp_path / "run")

    def unjudged(board: dict[str, Any]) -> None:
        for row in board["rows"]:
            for name in ("coverage", "above_lead", "told", "above_random", "made_up"):
                row["metrics"].pop(name, None)

    small_runs.edit_board(run, unjudged)
    assert [group.plane for group in build_report(read_run(run), read_suite()).page.groups] == [
        None
    ] * 4
    assert "Support against coverage" not in write_report(run).read_text(encoding="utf-8")


def test_the_whole_article_stands_in_it_as_the_reader_read_it(tmp_path: Path) -> None:
    """Whitespace-separated words of the five articles: `wc -w` of their texts, over five."""
    reader = small_runs.READER | {"on_article": {"article": {"coverage": 0.8, "made_up": 0.1}}}
    run = tmp_path / "run"
    group = _group(run, lambda board: board.update(judges=[reader]), judged=True)
    assert group.plane is not None
    assert group.plane.whole is not None
    assert group.plane.whole.coverage == 0.8
    articles = [article for article in read_suite().articles.values() if article.scope == "article"]
    words = sum(len(article.text.split()) for article in articles) / 5
    assert group.plane.whole.words == pytest.approx(words, rel=0.02)


def test_each_row_is_drawn_once_in_the_shape_of_its_role(tmp_path: Path) -> None:
    group = _group(tmp_path / "run", _nothing)
    assert group.plane is not None
    with VegaProcess() as vega:
        svg = plane_plot(vega.svg, group, group.plane, "the <plane>")
    assert svg.startswith('<svg role="img" aria-label="the &lt;plane&gt;" ')
    drawn = {
        kind: re.findall(r'data-model="(\d+)"', found[0])
        for kind in ("model", "floor", "people", "oracle", "whole")
        if (found := re.findall(rf'<g class="[^"]*{kind}_marks[^>]*?(?:/>|>.*?</g>)', svg))
    }
    places = {name: str(place) for place, name in enumerate(group.models)}
    assert drawn == {
        "model": [places["minilm-lexrank"], places["smollm2-135m"]],
        "floor": [places["lead-3"], places["lexrank"]],
        "people": [places["people"]],
        "oracle": [],
        "whole": [],
    }
    assert svg.count("lead-3</text>") == 1
