"""Slices of a group that is made up: of many parts, and of models that see other parts."""

from dataclasses import replace

from harness.leaderboard.prediction_lines import PredictionLine
from harness.leaderboard.run_folder import read_run
from harness.records import Article, Example, Query, Question
from harness.report.building.slice_columns import MOST_PARTS, Labels
from harness.report.building.slices import score_slices
from harness.report.content.plots import Slice
from harness.report.task_group import TaskGroup, task_groups
from harness.suite.suite import read_suite
from tests.report.test_build import FROZEN

KINDS = 60


def _group() -> TaskGroup:
    """Return questions of 60 kinds, two of each, of which two models have the first one right."""
    frozen = next(
        one for one in task_groups(read_run(FROZEN), read_suite()) if one.task == "answer"
    )
    examples, questions = [], {}
    for number in range(2 * KINDS):
        name = f"a{number}/q"
        article = Article(f"a{number}", "A text.", "made-up", "")
        examples.append(Example(name, article, Query("answer", "A text.", "Who?"), ("A",)))
        questions[name] = Question("q", "Who?", f"kind {number % KINDS}", ("A",))
    models = [row for row in frozen.rows if row.role in ("model", "floor")][:2]
    lines = {
        row.model: [
            PredictionLine(
                model=row.model,
                task="answer",
                example=example.id,
                key="",
                text="",
                scores={"f1": float(number < KINDS)},
                dropped=((0, 1),) if number < cut else (),
            )
            for number, example in enumerate(examples)
        ]
        for row, cut in zip(models, (0, 3), strict=True)
    }
    return replace(frozen, rows=models, examples=examples, questions=questions, lines=lines)


def _slice(name: str) -> Slice:
    return next(one for one in score_slices(_group()) if one.name == name)


def test_of_many_parts_the_last_ones_stand_together() -> None:
    parts = _slice("kind").parts
    others = KINDS - (MOST_PARTS - 1)
    assert [part.label for part in parts[:2]] == ["kind 0", "kind 1"]
    assert (len(parts), parts[-1].label) == (MOST_PARTS, f"the {others} others")
    for part, n in ((parts[0], 2), (parts[-1], 2 * others)):
        assert part.n == n
        for cell in part.cells:
            assert cell is not None
            assert (cell.n, cell.clusters, cell.mean) == (n, n, 0.5)


def test_a_part_that_one_model_has_is_there_for_all() -> None:
    whole, cut = _slice("cut").parts
    assert (whole.label, whole.n) == ("whole", 2 * KINDS)
    assert (cut.label, cut.n) == ("cut", 3)
    assert [cell and (cell.n, cell.mean) for cell in cut.cells] == [(0, None), (3, 1.0)]
    assert [cell and cell.n for cell in whole.cells] == [2 * KINDS, 2 * KINDS - 3]


def test_parts_that_no_example_is_in_make_no_slice() -> None:
    """No line tells whether evidence was seen, all sources are as long, there are 120 articles."""
    assert {one.name for one in score_slices(_group())} == {"kind", "cut"}


def test_labels_take_a_byte_and_new_ones_come_last() -> None:
    labels = Labels(["short", "long"])
    for label in ("long", None, "odd", "short"):
        labels.add(label)
    assert (labels.codes.tolist(), labels.codes.itemsize) == ([1, -1, 2, 0], 1)
