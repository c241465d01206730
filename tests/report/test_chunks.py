"""Examples in the page, or in files beside it that a page opened from a disk can load."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from harness.leaderboard.run_folder import read_run
from harness.report.building.build import ReportData, build_report
from harness.report.rendering.chunks import MAX_INLINE_BYTES, place_chunks, remove_stale_chunks
from harness.report.rendering.page_html import page_html
from harness.report.safety.script_json import script_json
from harness.suite.suite import read_suite
from tests.large_runs import large_run
from tests.report.test_build import FROZEN


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    return build_report(*large_run(tmp_path_factory.mktemp("run"), 400, models=3))


def scripts(folder: Path) -> dict[int, str]:
    """Return the data of each chunk as a page gets it."""
    found = {}
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.startswith("harnessChunk(")
        assert text.endswith(");\n")
        number, _, data = text.removeprefix("harnessChunk(").removesuffix(");\n").partition(",")
        found[int(number)] = data
    return found


def test_few_examples_stand_in_the_page(tmp_path: Path) -> None:
    made = build_report(read_run(FROZEN), read_suite())
    placed = place_chunks(made, tmp_path / "report.html")
    assert placed.page.chunk_files == ()
    assert [json.loads(text) for text in placed.inline] == [
        json.loads(chunk.model_dump_json()) for chunk in made.chunks()
    ]
    assert len(script_json(placed.page)) + sum(map(len, placed.inline)) < MAX_INLINE_BYTES
    assert list(tmp_path.iterdir()) == []


def test_many_examples_are_files_beside_it(large: ReportData, tmp_path: Path) -> None:
    placed = place_chunks(large, tmp_path / "my.html", 100_000)
    assert placed.inline == ()
    assert placed.folder == tmp_path / "my-examples"
    assert {n: json.loads(data) for n, data in scripts(placed.folder).items()} == {
        chunk.number: json.loads(chunk.model_dump_json()) for chunk in large.chunks()
    }
    assert len(placed.page.chunk_files) > 1
    for one in placed.page.chunk_files:
        data = (tmp_path / one.file).read_bytes()
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        assert (one.bytes, one.integrity) == (len(data), f"sha256-{digest}")


def test_chunks_of_an_older_page_stay_until_it_is_gone(large: ReportData, tmp_path: Path) -> None:
    page = tmp_path / "my.html"
    older = place_chunks(large, page, 1_000)
    (older.folder / "notes.txt").write_text("mine", encoding="utf-8")
    newer = place_chunks(build_report(read_run(FROZEN), read_suite()), page, 1_000)
    assert all((tmp_path / one.file).is_file() for one in older.page.chunk_files)
    remove_stale_chunks(newer)
    left = {f"my-examples/{path.name}" for path in newer.folder.iterdir()}
    assert left == {one.file for one in newer.page.chunk_files} | {"my-examples/notes.txt"}


def test_an_empty_folder_goes(large: ReportData, tmp_path: Path) -> None:
    page = tmp_path / "my.html"
    place_chunks(large, page, 1_000)
    remove_stale_chunks(place_chunks(large, page, 10**9))
    assert list(tmp_path.iterdir()) == []


def test_chunks_are_of_one_size_and_have_their_sources(large: ReportData) -> None:
    made = list(large.chunks())
    assert [chunk.number for chunk in made] == list(range(len(made)))
    assert sum(len(chunk.examples) for chunk in made) == 400
    for chunk in made:
        assert len(script_json(chunk)) < 2_000_000
        assert {one.article for one in chunk.examples} == set(chunk.sources)


def test_one_article_with_very_many_questions_is_parted(tmp_path: Path) -> None:
    made = list(build_report(*large_run(tmp_path, 700, models=2, per_article=700)).chunks())
    assert len(made) > 1
    assert {name for chunk in made for name in chunk.sources} == {"article-00000"}
    assert all(len(script_json(chunk)) < 2_000_000 for chunk in made)


def test_of_a_large_run_the_first_examples_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    run, suite = large_run(tmp_path, 400, models=2)
    made, whole = build_report(run, suite, most_listed=30), build_report(run, suite)
    assert [len(group.examples.ids) for group in made.page.groups] == [30, 30]
    # Of ten examples on an article one is its summary.
    assert [group.examples.total for group in made.page.groups] == [40, 360]
    assert sum(len(chunk.examples) for chunk in made.chunks()) == 60
    for listed, group in zip(made.page.groups, whole.page.groups, strict=True):
        assert (listed.rows, listed.slices) == (group.rows, group.slices)
        assert listed.examples.ids == group.examples.ids[:30]
        assert listed.examples.scores == tuple(
            column and column[:30] for column in group.examples.scores
        )
    page = "".join(page_html(made.page, ()))
    assert "listed here are the first 30 of 360 examples" in page
    assert "listed here" not in "".join(page_html(whole.page, ()))


def test_a_script_cannot_be_ended_from_within() -> None:
    page = build_report(read_run(FROZEN), read_suite()).page
    hostile = "</script><!-- & \u2028\u2029 \\u003c"
    text = script_json(page.model_copy(update={"title": hostile}))
    assert not set("<>&\u2028\u2029\n") & set(text)
    assert json.loads(text)["title"] == hostile
