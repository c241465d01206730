"""A group's examples as columns: enough to list, sort and filter them."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Self

from harness.leaderboard.prediction_lines import PredictionLine
from harness.records import Example
from harness.report.building.slice_columns import is_cut, source_words
from harness.report.content.plots import ExampleIndex
from harness.report.task_group import TaskGroup
from harness.visible import visible_excerpt, visible_text


def example_index(
    group: TaskGroup,
    chunk_numbers: Sequence[int],
    base_lines: Mapping[str, Sequence[PredictionLine | None]] | None,
) -> ExampleIndex:
    """Return the index of a group's first examples, which stand in the chunks of these numbers.

    `base_lines` has the lines of the base, if there is one, by model.
    """
    listed = len(chunk_numbers)
    lines_by_row = [_LineColumns(group, group.lines.get(row.model), listed) for row in group.rows]
    examples = [_Listed.of(example, group) for example in islice(group.examples, listed)]
    return ExampleIndex(
        total=len(group.examples),
        ids=tuple(one.id for one in examples),
        titles=tuple(one.title for one in examples),
        articles=tuple(one.article for one in examples),
        kinds=tuple(one.kind for one in examples),
        answerable=tuple(one.answerable for one in examples),
        lengths=tuple(one.length for one in examples),
        chunks=tuple(chunk_numbers),
        scores=tuple(columns.scores for columns in lines_by_row),
        failed=tuple(columns.failed for columns in lines_by_row),
        cut=tuple(columns.cut for columns in lines_by_row),
        before=None
        if base_lines is None
        else tuple(
            _LineColumns(group, base_lines.get(row.model), listed).scores for row in group.rows
        ),
    )


class _Listed(NamedTuple):
    """What the list has of one example."""

    id: str
    title: str
    article: str
    kind: str | None
    answerable: bool | None
    length: int

    @classmethod
    def of(cls, example: Example, group: TaskGroup) -> Self:
        question = group.questions.get(example.id)
        return cls(
            visible_text(example.id),
            example_title(example),
            visible_text(example.article.id),
            visible_text(question.kind) if question else None,
            bool(example.references) if group.task == "answer" else None,
            source_words(example),
        )


class _LineColumns:
    """What the list has of the first lines of a row; of a row without lines nothing."""

    def __init__(
        self, group: TaskGroup, lines: Sequence[PredictionLine | None] | None, listed: int
    ) -> None:
        scores: list[float | None] = []
        failed, cut = [], []
        for index, line in enumerate(islice(lines or (), listed)):
            score = group.score(line)
            scores.append(None if score is None else round(score, 6))
            if line and line.error is not None:
                failed.append(index)
            if line and is_cut(line):
                cut.append(index)
        self.scores = None if lines is None else tuple(scores)
        self.failed, self.cut = tuple(failed), tuple(cut)


def example_title(example: Example) -> str:
    """Return a line that a person knows an example by."""
    article = example.article
    return visible_excerpt(example.query.question or article.headline or article.text or example.id)
