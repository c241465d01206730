"""Predictions to scores."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from harness.errors import DataError, MetricError
from harness.metrics import ExampleMetrics, Metrics
from harness.metrics.blind_spot import LetterTally
from harness.metrics.options import USUAL, MetricOptions, rouge, task_metrics
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.scorer import check_ranges, score_pairs, score_text
from harness.records import Example, Repeat, Scope, ScoredPrediction, Task
from harness.run.predict import Predicted
from harness.run.score_table import ScoreTable
from harness.stream import Stream, read_from
from harness.suite.suite import Suite
from harness.text.letters import LetterCount

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 256  # texts that are scored at once


def suite_metrics(
    suite: Suite, task: Task, options: MetricOptions = USUAL, **more: object
) -> Metrics:
    """Return a task's metrics as the suite has them, with what was chosen of them and `more`."""
    chosen = options.of(task)
    of_suite = {
        name: value for name, value in suite.metric_options(task).items() if name not in chosen
    }
    return task_metrics(task, options, **{**of_suite, **more})


def as_published(suite: Suite, options: MetricOptions) -> MetricOptions:
    """Return the options as summaries of the suite are scored in published tables.

    What a person chose stands.
    """
    usual = {name: value for name, value in suite.published.items() if not getattr(options, name)}
    return replace(options, **cast("Any", usual)) if usual else options


def suite_rouge(
    suite: Suite,
    options: MetricOptions,
    references: Literal["best", "mean", "jackknife"],
    types: Sequence[str],
) -> Rouge:
    """Return ROUGE alone as the suite has it, but for what it makes of references."""
    exceptions = cast("Path | None", suite.metric_options("summarize").get("exceptions"))
    return rouge(options, references, types, exceptions)


def unseen_letters(
    suite: Suite,
    references: Iterable[Sequence[str]],
    family: Metrics,
    counted: LetterCount | None = None,
) -> str | None:
    """Return what is to be known of the letters of the references that the metrics do not see.

    `None` if they are too few to speak of. Raises DataError where they are too many. Where the
    letters were `counted` as the metrics see them, the references are not read.
    """
    spot = family.blind_spot
    letters = LetterTally(spot)
    if spot and counted and counted.count is spot.count:
        letters.add_counted((counted.seen, counted.unseen))
    else:
        for texts in references if spot else ():
            letters.add(texts)
    if refusal := letters.refusal:
        raise DataError(f"{suite.id}: {refusal}")
    share = letters.share
    return f"{suite.id}: {spot.of_references(share)}" if spot and share else None


# What a text that cannot be scored is to have: of the prediction at a place, made the n-th time.
Unscorable = Callable[[int, int, MetricError], Mapping[str, float]]


def score(
    predictions: Sequence[Predicted],
    family: Metrics,
    unscorable: Unscorable | None = None,
    progress: Callable[[int], object] | None = None,
) -> Sequence[ScoredPrediction]:
    """Return each prediction with its scores; a failed one has none, and a missing one zeros.

    A text that has no score by a partial metric lacks that one, and so does a missing one.

    The scores are kept on the disk where they are many, and the predictions read again whenever
    what is returned is gone through. Of one with repeats each is scored, and the scores are their
    means. Raises MetricError, naming the example, for a text that a metric cannot score honestly,
    unless `unscorable` gives scores for the one at that place. `progress` is called with the number
    of those that were scored since it was called before.
    """
    (scored,) = score_together([RowToScore(predictions, unscorable)], family, progress)
    return scored


class RowToScore(NamedTuple):
    """A row's predictions, and what is done where one cannot be scored; see `score`."""

    predictions: Sequence[Predicted]
    unscorable: Unscorable | None = None


def score_together(
    rows: Sequence[RowToScore], family: Metrics, progress: Callable[[int], object] | None = None
) -> list[Sequence[ScoredPrediction]]:
    """Return what `score` returns of each of some rows, which were asked the same examples.

    They are gone through side by side, so that an article is read once for all that was said of
    it. Rows of other examples may be among them: they are scored alike, if not as fast.
    """
    tables: list[list[ScoreTable]] = [[] for _ in rows]  # of each row, and there of the n-th time
    lacking = _lacking(family)

    def scorable() -> Iterator[_Text]:
        for index, same in enumerate(zip_longest(*(row.predictions for row in rows))):
            for row, predicted in enumerate(same):
                for place, part in enumerate((predicted, *predicted.repeats) if predicted else ()):
                    if place == len(tables[row]):
                        tables[row].append(ScoreTable(lacking))  # what failed is never read of it
                    prediction = part.stored.prediction
                    if prediction.error is None and not prediction.missing:
                        text, example = prediction.text, predicted.example
                        yield _Text(row, index, place, part.number, text, example)

    texts = scorable()
    while chunk := list(islice(texts, _CHUNK)):
        for text, scores in zip(chunk, _chunk_scores(chunk, family, rows), strict=True):
            tables[text.row][text.place].put(text.index, scores)
        if progress:
            progress(len(chunk))
    for row, row_tables in zip(rows, tables, strict=True):
        for table in row_tables:
            table.extend(len(row.predictions))
    return [
        ScoredStream(row.predictions, row_tables)
        for row, row_tables in zip(rows, tables, strict=True)
    ]


def score_rows(
    rows: Mapping[tuple[str, Task, Scope], RowToScore],
    families: Mapping[Task, Metrics],
    progress: Callable[[int], object] | None = None,
) -> dict[tuple[str, Task, Scope], Sequence[ScoredPrediction]]:
    """Return the scores of rows by their model, task and scope; see `score_together`."""
    scored: dict[tuple[str, Task, Scope], Sequence[ScoredPrediction]] = {}
    for task, scope in dict.fromkeys((task, scope) for _, task, scope in rows):
        names = [name for name in rows if name[1:] == (task, scope)]
        together = score_together([rows[name] for name in names], families[task], progress)
        scored |= zip(names, together, strict=True)
    return {name: scored[name] for name in rows}


class ScoredStream(Stream[ScoredPrediction]):
    """Predictions with their scores, neither of which are in memory.

    `table` has the scores where each prediction was made once: NaN or 0 for one that has none.
    `None` where some were made several times.
    """

    def __init__(self, predictions: Sequence[Predicted], tables: Sequence[ScoreTable]) -> None:
        """Take the predictions, and the scores of the n-th time that each was made."""
        super().__init__(len(predictions), lambda start: _read_scored(predictions, tables, start))
        self.table = tables[0] if len(tables) == 1 else None


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to be scored: of a row's prediction at `index`, made the `number`-th time."""

    row: int
    index: int
    place: int
    number: int
    text: str
    example: Example


def _chunk_scores(
    chunk: Sequence[_Text], family: Metrics, rows: Sequence[RowToScore]
) -> list[Mapping[str, float]]:
    pairs = [(text.text, text.example.references) for text in chunk]
    articles = [text.example.article.text for text in chunk]
    try:
        scored = score_pairs(family, pairs, lambda i: chunk[i].example.id, articles)
        return [
            _with_example(family, text, scores) for text, scores in zip(chunk, scored, strict=True)
        ]
    except MetricError:
        if not any(row.unscorable for row in rows):
            raise
        return [_item_scores(text, family, rows[text.row].unscorable) for text in chunk]


def _item_scores(
    text: _Text, family: Metrics, unscorable: Unscorable | None
) -> Mapping[str, float]:
    example = text.example
    try:
        scores = score_text(family, text.text, example.references, example.article.text)
        return _with_example(family, text, scores)
    except MetricError as error:
        if unscorable is None:
            raise
        return unscorable(text.index, text.number, error)


def _with_example(family: Metrics, text: _Text, scores: Mapping[str, float]) -> Mapping[str, float]:
    """Return a text's scores with those that need its example, where the family has some."""
    if not hasattr(family, "score_of_example"):
        return scores
    more = cast("ExampleMetrics", family).score_of_example(text.text, text.example, scores)
    check_ranges(family.declarations, more)
    return {**scores, **more}


def _lacking(family: Metrics) -> dict[str, float]:
    """Return what stands for no score by each metric: NaN of a partial one, 0 of another."""
    declarations = family.declarations
    return {name: math.nan if declarations[name].partial else 0.0 for name in family.signatures}


def _read_scored(
    predictions: Sequence[Predicted], tables: Sequence[ScoreTable], start: int
) -> Iterator[ScoredPrediction]:
    for index, predicted in enumerate(read_from(predictions, start), start):
        own_scores = _part_scores(predicted, tables, 0, index)
        repeats = tuple(
            Repeat(
                part.number,
                part.key,
                part.stored.prediction,
                part.cached,
                _part_scores(part, tables, place, index),
                part.stored.environment,
            )
            for place, part in enumerate(predicted.repeats, start=1)
        )
        scored = [scores for scores in (own_scores, *(r.scores for r in repeats)) if scores]
        yield ScoredPrediction(
            predicted.example,
            predicted.key,
            predicted.stored.prediction,
            predicted.cached,
            _means(scored) if len(scored) > 1 else own_scores,
            predicted.stored.environment,
            predicted.number,
            own_scores if repeats else {},
            repeats,
        )


def _part_scores(
    part: Predicted, tables: Sequence[ScoreTable], place: int, index: int
) -> Mapping[str, float]:
    return {} if part.stored.prediction.error is not None else tables[place].row(index)


def _means(scored: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """Return each metric's mean over those that have it; one that none has is left out."""
    names = dict.fromkeys(name for scores in scored for name in scores)
    by_metric = {name: [scores[name] for scores in scored if name in scores] for name in names}
    return {metric: fmean(values) for metric, values in by_metric.items()}
