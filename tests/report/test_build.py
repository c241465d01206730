"""The page's data of a real run: the record of the shipped suite, and small runs made for it.

Means are computed again from `predictions.jsonl`, places and texts looked at by hand.
"""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest

from harness.errors import UsageError
from harness.eval.evaluate import evaluate
from harness.leaderboard.run_folder import read_run
from harness.report.building.build import build_report
from harness.report.content.example import Chunk, Example
from harness.report.content.group import Group
from harness.report.content.page import Page
from harness.report.content.plots import Slice
from harness.suite.suite import read_suite
from tests import hindi, small_runs
from tests.report.test_visible_text import ONE_HIDDEN, pieces, sliced

FROZEN = Path(__file__).parents[1] / "frozen"


@cache
def built() -> tuple[Page, tuple[Chunk, ...]]:
    found = build_report(read_run(FROZEN), read_suite())
    return found.page, tuple(found.chunks())


def group(name: str) -> Group:
    return next(one for one in built()[0].groups if one.id == name)


def example(name: str, group_id: str = "answer") -> tuple[Example, str]:
    """Return an example of the record, and its article's text."""
    for chunk in built()[1]:
        for one in chunk.examples:
            if (one.group, one.id) == (group_id, name):
                return one, chunk.sources[one.article].text.text
    raise AssertionError(name)


def texts(value: object) -> list[str]:
    """Return every text in JSON, keys too."""
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def test_groups_are_the_leaderboards() -> None:
    page, _ = built()
    board = read_run(FROZEN).board
    assert [one.id for one in page.groups] == [
        "summarize",
        "summarize-event",
        "answer",
        "answer-event",
    ]
    assert [name for one in page.groups for name in one.models] == [row.model for row in board.rows]
    assert [row.primary.mean for one in page.groups for row in one.rows] == [
        row.metrics[board.primary[row.task]].mean for row in board.rows
    ]


def test_the_axis_ends_at_the_best_floor_and_the_ceiling() -> None:
    summaries, answers = group("summarize"), group("answer")
    assert summaries.floor is not None
    assert summaries.ceiling is not None
    # tests/frozen/leaderboard.json: lead-3 is the best floor, the oracle is above people.
    assert (summaries.floor.name, summaries.ceiling.name) == ("lead-3", "oracle-extractive")
    assert answers.floor is not None
    assert answers.ceiling is not None
    assert (answers.floor.name, answers.ceiling.mean) == ("no-answer", 1.0)


def lines(task: str) -> list[small_runs.Line]:
    text = (FROZEN / "predictions.jsonl").read_text(encoding="utf-8")
    return [x for x in map(json.loads, text.split("\n")[:-1]) if x["task"] == task]


def slice_of(found: Group, name: str) -> Slice:
    return next(one for one in found.slices if one.name == name)


@pytest.mark.parametrize("name", ["kind", "answerable", "article", "length"])
def test_means_of_slices_are_those_of_their_lines(name: str) -> None:
    suite = read_suite()
    kinds: dict[str, str] = {}
    for one in suite.examples("answer"):
        words = len(one.query.context.split())
        question = next(
            q for q in suite.goldens[one.article.id].questions if one.id.endswith(f"/{q.id}")
        )
        kinds[one.id] = {
            "kind": question.kind,
            "answerable": "answerable" if question.answers else "unanswerable",
            "article": one.article.id,
            # articles/*.txt have 249 to 1,066 words: no other parts are there
            "length": "201 to 400 words"
            if words <= 400
            else "401 to 800 words"
            if words <= 800
            else "801 to 1,600 words",
        }[name]
    expected: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in lines("answer"):
        if line["example"] in kinds:
            expected[kinds[line["example"]], line["model"]].append(line["scores"]["f1"])
    answers = group("answer")
    seen: dict[tuple[str, str], object] = {}
    for part in slice_of(answers, name).parts:
        for model, cell in zip(answers.models, part.cells, strict=True):
            assert cell is not None
            assert part.n == cell.n
            seen[part.label, model] = (cell.n, cell.mean)
    assert seen == {key: (len(x), pytest.approx(fmean(x))) for key, x in expected.items()}


def test_the_matrix_of_pairs_is_the_list_of_comparisons_both_ways() -> None:
    board = read_run(FROZEN).board
    found = group("answer").pairs
    assert found is not None
    assert found.models == ("minilm-qa", "no-answer", "best-sentence", "smollm2-135m")
    one = next(
        x for x in board.comparisons
        if (x.task, x.scope, x.a, x.b) == ("answer", "article", "no-answer", "smollm2-135m")
    )  # fmt: skip
    there, back = found.cells[1][3], found.cells[3][1]
    assert there is not None
    assert back is not None
    assert (there.difference, there.p_adjusted, there.wins) == (
        one.difference, one.p_adjusted, one.wins,
    )  # fmt: skip
    assert (back.difference, back.wins, back.losses) == (-one.difference, one.losses, one.wins)
    assert one.interval is not None
    assert back.interval is not None
    assert (back.interval.low, back.interval.high) == (-one.interval.high, -one.interval.low)
    assert (one.simultaneous, there.simultaneous, back.simultaneous) == (None, None, None)
    assert there.no_simultaneous == "none at 5 articles"
    assert there.verdict == back.verdict == "not told apart"  # five articles cannot tell
    assert found.cells[1][1] is None


def test_the_index_has_every_score_and_knows_its_chunk() -> None:
    page, chunks = built()
    in_chunks = {(e.group, e.id): c.number for c in chunks for e in c.examples}
    for one in page.groups:
        index = one.examples
        assert [in_chunks[one.id, name] for name in index.ids] == list(index.chunks)
        for model, scores in zip(one.rows, index.scores, strict=True):
            if model.role == "people":
                assert scores is None
            else:
                assert scores is not None
                assert fmean(x for x in scores if x is not None) == pytest.approx(
                    model.primary.mean, abs=1e-4
                )
    assert len(in_chunks) == sum(len(one.examples.ids) for one in page.groups) == 5 + 1 + 131 + 30


def test_an_answer_is_marked_where_it_stands() -> None:
    one, text = example("ians-tokyo-visit/where-summit-held")
    # goldens/ians-tokyo-visit.yaml: the evidence and "in Tokyo" within it; best-sentence, row 2 of
    # the group, gave that very sentence, and minilm-qa, row 0, gave a city of another journey.
    assert [(sliced(text, start, end), words) for start, end, words in one.marks] == [
        ("Trump and Takaichi met ", ("evidence", "span:2")),
        ("in Tokyo", ("answer", "evidence", "span:2")),
        (" on Monday for the Japan-US Summit meeting during which they finalised the signing of "
         "various agreements to bolster cooperation in the fields of defence and economy.",
         ("evidence", "span:2")),
        ("Kuala Lumpur", ("span:0",)),
    ]  # fmt: skip
    assert [output.span is not None for output in one.outputs] == [True, False, True, False]


def test_all_golden_evidence_is_found() -> None:
    _, chunks = built()
    missing = {e.id: e.evidence_missing for c in chunks for e in c.examples if e.evidence_missing}
    assert missing == {}


def test_a_summary_is_marked_by_its_best_reference() -> None:
    one, article = example("shah-rare-earth-deal", "summarize")
    said = next(x for x in one.outputs if group("summarize").models[x.model] == "smollm2-135m")
    assert said.best_reference == 0
    found = pieces(said.text)
    # By hand: the reference has "pledged to boost Japan’s military" and "at the Akasaka Palace".
    assert ("pledging to boost Japan’s military", ("shared:4",)) in found
    assert ("at the Akasaka Palace", ("asked:2", "shared:4")) in found  # of a question too
    assert ("2023", ("number",)) in found
    assert [(x.what, x.text) for x in said.unsupported] == [("number", "2023")]
    # And where the article bears it out, in UTF-16 units as the page counts.
    second = said.sentences[1]
    assert sliced(said.text.text, second.start, second.end).startswith(
        "The meeting, held at the Akasaka"
    )
    assert (second.source_start, second.source_end) != (None, None)
    place = sliced(article, second.source_start or 0, second.source_end or 0)
    assert place.startswith(
        "Held at the Akasaka Palace, the summit was the first official engagement"
    )


def test_the_page_says_what_the_measures_make_of_worse_references() -> None:
    """The shipped suite has three references of each of five articles and of one event."""
    canaries = built()[0].how.canaries
    assert canaries is not None
    rows = {
        row.corruption: dict(zip(canaries.measures, row.shares, strict=True))
        for row in canaries.rows
    }
    assert rows["whole article"]["support"] == (0, 1, 0)
    assert rows["whole article"]["words"] == (0, 1, 0)
    assert rows["emptied"]["unsupported"] == (0, 0, 1)
    assert {row.n for row in canaries.rows if row.corruption == "emptied"} == {18}
    assert "novel_1grams" not in canaries.measures


def test_prompts_are_found_by_their_hash() -> None:
    page, _ = built()
    row = next(x for x in group("answer").rows if x.prompt)
    assert row.prompt is not None
    user = page.how.prompts[row.prompt.sha256].messages[1]
    assert [piece.field for piece in user.pieces if piece.field] == ["article", "question"]


def test_commands_make_the_run_again() -> None:
    page, _ = built()
    assert page.how.commands[1].startswith("harness eval --models lead-3,lexrank,")
    assert page.how.commands[2:] == (f"harness verify {FROZEN}", f"harness report {FROZEN}")


def test_a_run_on_other_goldens_is_refused(suite_folder: Path) -> None:
    with pytest.raises(UsageError, match="'us-japan-rare-earths-2025', and this is 'my-suite'"):
        build_report(read_run(FROZEN), read_suite(suite_folder))


def test_a_run_on_goldens_as_they_were_is_refused(suite_folder: Path, tmp_path: Path) -> None:
    run = read_run(small_runs.run(suite_folder, tmp_path / "out"))
    golden = suite_folder / "goldens" / "first.yaml"
    golden.write_text(golden.read_text(encoding="utf-8").replace("Rome", "Rom"), encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"'my-suite' as it was before .* run `harness eval` again"
    ):
        build_report(run, read_suite(suite_folder))


def test_failed_and_refused_answers_are_told_apart(suite_folder: Path, tmp_path: Path) -> None:
    out = small_runs.run(suite_folder, tmp_path / "out")
    small_runs.changed_copy(
        out, out, lambda x: small_runs.failing(x) if x["example"] == "first/who" else x
    )
    found = build_report(read_run(out), read_suite(suite_folder))
    answers = next(one for one in found.page.groups if one.id == "answer")
    assert answers.examples.failed == ((0,),) * len(answers.models)
    assert all(scores is not None and scores[0] is None for scores in answers.examples.scores)
    (first,) = [
        e for c in found.chunks() for e in c.examples if (e.group, e.id) == ("answer", "first/who")
    ]
    assert [x.error for x in first.outputs] == ["ModelError: out of memory"] * len(answers.models)
    cell = slice_of(answers, "kind").parts[0].cells[0]
    assert cell is not None
    assert (cell.n, cell.failed) == (1, 1)


HOSTILE = (
    "</script><script>alert(1)</script> \u202eevil\0 [x](javascript:alert(1)) \x1b[2J "
    + "w" * 100_000
)


def test_nothing_hostile_reaches_the_page_unseen(suite_folder: Path, tmp_path: Path) -> None:
    seed = suite_folder / "seeds" / "first.txt"
    seed.write_text(
        f"Ann met Bob in Rome on Monday. \u202e{HOSTILE}\nThey signed.\n", encoding="utf-8"
    )
    manifest = suite_folder / "seeds" / "manifest.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(
            'file = "first.txt"',
            'file = "first.txt"\nheadline = "<b>\\u202e</title>"\noutlet = "\\u2066X"',
        ),
        encoding="utf-8",
    )
    out = small_runs.run(suite_folder, tmp_path / "out")
    for task in ("summarize", "answer"):
        small_runs.changed_copy(
            out, out, small_runs.replacing_texts(suite_folder, "no-answer", task, lambda x: HOSTILE)
        )
        small_runs.changed_copy(
            out, out, small_runs.replacing_texts(suite_folder, "lead-3", task, lambda x: HOSTILE)
        )
    found = build_report(read_run(out), read_suite(suite_folder), suite_name=suite_folder)
    chunks = list(found.chunks())
    for part in (found.page, *chunks):
        every = texts(json.loads(part.model_dump_json()))
        # A carriage return ends lines of CSV.
        every = [x.replace("\r\n", "\n") for x in every]
        assert [x for x in every if ONE_HIDDEN.search(x)] == []
        assert max(map(len, every)) < 3_000
    said = next(e for e in chunks[0].examples if e.group == "summarize").outputs[1].text
    assert "⟦U+202E⟧evil⟦U+0000⟧" in said.text
    assert "⟦99,500 more characters of one word⟧" in said.text


def test_what_changed_comes_largest_losses_first(tmp_path: Path) -> None:
    folder = small_runs.suite(tmp_path / "suite", articles=3, questions=2)
    base = small_runs.run(folder, tmp_path / "base")
    said = {"a/q0": "aword0", "b/q1": "bword1", "c/q0": "cword0 x"}
    small_runs.changed_copy(
        base,
        base,
        small_runs.replacing_texts(
            folder, "no-answer", "answer", lambda x: said.get(x["example"], "")
        ),
    )
    head = small_runs.run(folder, tmp_path / "head")  # as it is: no answers at all
    suite = read_suite(folder)
    found = build_report(read_run(head), suite, read_run(base))
    told = found.page.comparison
    assert told is not None
    # By hand: "aword0" scored 1, "cword0 x" has F1 2 * 0.5 * 1 / 1.5 = 0.6667; "" scores 0.
    assert [(x.example, round(x.base, 4), x.head) for x in told.losses] == [
        ("a/q0", 1.0, 0.0), ("b/q1", 1.0, 0.0), ("c/q0", 0.6667, 0.0),
    ]  # fmt: skip
    assert told.losses_total == 3
    row = next(x for x in told.rows if (x.group, x.model) == ("answer", "no-answer"))
    assert (row.n, row.worse, row.equal, row.other_outputs) == (6, 3, 3, 3)
    assert row.difference == pytest.approx(-(1 + 1 + 2 / 3) / 6)
    answers = next(one for one in found.page.groups if one.id == "answer")
    assert answers.examples.before is not None
    assert answers.examples.before[answers.models.index("no-answer")] == (
        1.0,
        0.0,
        0.0,
        1.0,
        0.666667,
        0.0,
    )
    # If f1 were an error rate, the same would be gains, and the way back the losses.
    for run in (base, head):
        small_runs.edit_board(run, lambda board: board["metrics"]["f1"].update(direction="lower"))
    gained = build_report(read_run(head), suite, read_run(base)).page.comparison
    lost = build_report(read_run(base), suite, read_run(head)).page.comparison
    assert gained is not None
    assert lost is not None
    assert (gained.losses_total, lost.losses_total) == (0, 3)
    assert [loss.example for loss in lost.losses] == ["a/q0", "b/q1", "c/q0"]
    (first,) = [
        e for c in found.chunks() for e in c.examples if (e.group, e.id) == ("answer", "a/q0")
    ]
    mine = answers.models.index("no-answer")
    assert [(x.text.text, x.span is not None) for x in first.before if x.model == mine] == [
        ("aword0", True)
    ]
    assert any(f"before:{mine}" in words for _, _, words in first.marks)


def test_rows_on_other_goldens_lose_nothing(suite_folder: Path, tmp_path: Path) -> None:
    base = small_runs.run(suite_folder, tmp_path / "base")
    golden = suite_folder / "goldens" / "first.yaml"
    golden.write_text(
        golden.read_text(encoding="utf-8").replace("Rome.", "Oslo."), encoding="utf-8"
    )
    head = small_runs.run(suite_folder, tmp_path / "head")
    found = build_report(read_run(head), read_suite(suite_folder), read_run(base)).page
    told = found.comparison
    assert told is not None
    assert [x.part for x in told.rows[0].refused] == ["data"]
    assert (told.rows[0].difference, told.losses) == (None, ())
    assert all(set(one.examples.before or ()) == {None} for one in found.groups)


def test_seconds_come_from_the_store_beside_the_run(suite_folder: Path, tmp_path: Path) -> None:
    out = small_runs.run(suite_folder, tmp_path / "out")
    suite = read_suite(suite_folder)
    with_store = [
        x.seconds
        for c in build_report(read_run(out), suite).chunks()
        for e in c.examples
        for x in e.outputs
    ]
    assert any(x is not None and x > 0 for x in with_store)
    (out / "predictions.sqlite").unlink()
    without = [
        x.seconds
        for c in build_report(read_run(out), suite).chunks()
        for e in c.examples
        for x in e.outputs
    ]
    assert set(without) == {None}


def test_shared_words_are_those_of_the_runs_language(tmp_path: Path) -> None:
    """By hand: the first reference has "महापौर ने ग्यारह सप्ताह बाद पुराना पुल खोला।"."""
    suite = hindi.suite(tmp_path / "suite", 'language = "hi"')
    evaluate(suite, models=["lead-3"], tasks=["summarize"], out=tmp_path / "run")
    found = build_report(read_run(tmp_path / "run"), read_suite(suite))
    (chunk,) = found.chunks()
    (one,) = chunk.examples
    group = found.page.groups[0]
    (output,) = [one for one in one.outputs if group.models[one.model] == "lead-3"]
    shared = {text for text, labels in pieces(output.text) if any("shared" in x for x in labels)}
    assert {"महापौर ने", "पुराना पुल खोला", "ग्यारह सप्ताह"} <= shared
