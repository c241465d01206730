"""A group's examples as columns: enough to list, sort and filter them."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.prediction_lines import PredictionLine
from harness.records import Example
from harness.report.building.slices import is_cut, source_words
from harness.report.content.plots import ExampleIndex
from harness.report.task_group import TaskGroup
from harness.visible import visible_excerpt, visible_text

ScoreColumn = tuple[float | None, ...]


def example_index(
    group: TaskGroup,
    chunk_numbers: Sequence[int],
    base_lines: Mapping[str, Sequence[PredictionLine | None]] | None,
) -> ExampleIndex:
    """Return the index of a group whose examples stand in the chunks of these numbers.

    `base_lines` has the lines of the base, if there is one, by model.
    """
    examples, has_answers = group.examples, group.task == "answer"
    lines_by_row = [group.lines.get(row.model) for row in group.rows]
    return ExampleIndex(
        ids=tuple(visible_text(example.id) for example in examples),
        titles=tuple(map(example_title, examples)),
        articles=tuple(visible_text(example.article.id) for example in examples),
        kinds=tuple(
            visible_text(group.questions[example.id].kind)
            if example.id in group.questions
            else None
            for example in examples
        ),
        answerable=tuple(bool(example.references) if has_answers else None for example in examples),
        lengths=tuple(map(source_words, examples)),
        chunks=tuple(chunk_numbers),
        scores=tuple(
            None if lines is None else _score_column(group, lines) for lines in lines_by_row
        ),
        failed=tuple(
            tuple(
                index for index, line in enumerate(lines or ()) if line and line.error is not None
            )
            for lines in lines_by_row
        ),
        cut=tuple(
            tuple(index for index, line in enumerate(lines or ()) if line and is_cut(line))
            for lines in lines_by_row
        ),
        before=None
        if base_lines is None
        else tuple(
            _score_column(group, base_lines[row.model]) if row.model in base_lines else None
            for row in group.rows
        ),
    )


def example_title(example: Example) -> str:
    """Return a line that a person knows an example by."""
    article = example.article
    return visible_excerpt(example.query.question or article.headline or article.text or example.id)


def _score_column(group: TaskGroup, lines: Sequence[PredictionLine | None]) -> ScoreColumn:
    scores = (group.score(line) for line in lines)
    return tuple(None if score is None else round(score, 6) for score in scores)
