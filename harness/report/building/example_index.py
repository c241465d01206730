"""A group's examples as columns: enough to list, sort and filter them."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.prediction_lines import Line
from harness.records import Example
from harness.report.building.slices import is_cut, source_words
from harness.report.content.plots import ExampleIndex
from harness.report.safety.visible_text import brief, shown
from harness.report.task_group import Asked

Scores = tuple[float | None, ...]


def example_index(
    asked: Asked, chunks: Sequence[int], before: Mapping[str, Sequence[Line | None]] | None
) -> ExampleIndex:
    """Return the index of a group whose examples stand in the chunks of these numbers.

    `before` has the lines of the base, if there is one, by model.
    """
    examples, answers = asked.examples, asked.task == "answer"
    said = [asked.lines.get(row.model) for row in asked.rows]
    return ExampleIndex(
        ids=tuple(shown(example.id) for example in examples),
        titles=tuple(map(title, examples)),
        articles=tuple(shown(example.article.id) for example in examples),
        kinds=tuple(
            shown(asked.questions[example.id].kind) if example.id in asked.questions else None
            for example in examples
        ),
        answerable=tuple(bool(example.references) if answers else None for example in examples),
        lengths=tuple(map(source_words, examples)),
        chunks=tuple(chunks),
        scores=tuple(None if lines is None else _scores(asked, lines) for lines in said),
        failed=tuple(
            tuple(at for at, line in enumerate(lines or ()) if line and line.error is not None)
            for lines in said
        ),
        cut=tuple(
            tuple(at for at, line in enumerate(lines or ()) if line and is_cut(line))
            for lines in said
        ),
        before=None
        if before is None
        else tuple(
            _scores(asked, before[row.model]) if row.model in before else None for row in asked.rows
        ),
    )


def title(example: Example) -> str:
    """Return a line that a person knows an example by."""
    text = example.query.question or example.article.headline or example.article.text
    return brief(text)


def _scores(asked: Asked, lines: Sequence[Line | None]) -> Scores:
    found = (asked.score(line) for line in lines)
    return tuple(None if score is None else round(score, 6) for score in found)
