"""Two runs, row by row and example by example."""

import dataclasses
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from harness.compare.changes import Change, changes, refusals
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.prediction_lines import PredictionLine, select_lines
from harness.leaderboard.run_folder import Run
from harness.records import Role, Scope, Task
from harness.stats import Comparison, Interval, ScoredRows, compare_sets
from harness.stats.paired import SCORE_TOLERANCE

# How many of a row's largest losses are kept.
MAX_LOSSES = 10


@dataclass(frozen=True, slots=True)
class RowName:
    """What makes a row of one run the same row in another."""

    model: str
    task: Task
    scope: Scope

    def __str__(self) -> str:
        return f"{self.model} {self.task}{': event' if self.scope == 'event' else ''}"


@dataclass(frozen=True, slots=True)
class Loss:
    """An example that scores less than it did, and both outputs."""

    example: str
    base: float
    head: float
    base_text: str
    head_text: str


@dataclass(frozen=True, slots=True)
class PairedScores:
    """The primary metric on the examples that both runs scored: head less base.

    `interval` is the 95 % interval of this difference alone, clustered by article, and `p` the
    paired sign-flip test's; both are `None` for one article, the interval also where all articles
    moved by the same. `simultaneous` and `p_adjusted` are for all models of the task and scope at
    once (see `harness.stats.compare_sets`): `None` for what is no model beside models, and the
    interval also at five articles and fewer. Means are over the `n` examples in `clusters`
    articles.
    """

    n: int
    clusters: int
    base: float
    head: float
    difference: float
    interval: Interval | None
    simultaneous: Interval | None
    p: float | None
    p_adjusted: float | None
    improved: int
    worse: int
    equal: int
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class RowPair:
    """One row in both runs. If `refused` says why they are not comparable, nothing was compared.

    `scores` is `None` then, and where no example was scored in both. `missing` are examples of
    the base that the head lacks, `added` those that it has more. `failed` were scored in the base
    and failed in the head, `recovered` the other way.
    """

    name: RowName
    role: Role
    metric: str
    refused: tuple[Change, ...]
    changes: tuple[Change, ...]
    scores: PairedScores | None
    missing: tuple[str, ...]
    added: tuple[str, ...]
    failed: tuple[str, ...]
    recovered: tuple[str, ...]
    other_outputs: int


@dataclass(frozen=True)
class RunPair:
    """Two runs: the rows that both have, and those that only one has."""

    base: str
    head: str
    rows: tuple[RowPair, ...]
    only_base: tuple[RowName, ...]
    only_head: tuple[RowName, ...]


def compare(base: Run, head: Run) -> RunPair:
    """Compare two runs by each row's primary metric; people, who predict nothing, are left out.

    Raises DataError for a run whose predictions are not those that its leaderboard counts.
    """
    base_rows, head_rows = _rows_by_name(base), _rows_by_name(head)
    row_pairs = [
        _pair(name, (base, row), (head, head_rows[name]))
        for name, row in base_rows.items()
        if name in head_rows
    ]
    return RunPair(
        base=str(base.folder),
        head=str(head.folder),
        rows=tuple(_with_scores(row_pairs)),
        only_base=tuple(name for name in base_rows if name not in head_rows),
        only_head=tuple(name for name in head_rows if name not in base_rows),
    )


def _rows_by_name(run: Run) -> dict[RowName, Row]:
    return {
        RowName(row.model, row.task, row.scope): row
        for row in run.board.rows
        if row.role != "people"
    }


def _with_scores(row_pairs: Sequence[tuple[RowPair, "_SharedExamples"]]) -> Iterator[RowPair]:
    """Yield the pairs with their scores; those of one task and scope are tested together."""
    tables: dict[tuple[Task, Scope], list[tuple[RowName, _SharedExamples, Role]]] = {}
    for row, shared in row_pairs:
        if shared.articles and not row.refused:
            key = (row.name.task, row.name.scope)
            tables.setdefault(key, []).append((row.name, shared, row.role))
    comparisons: dict[RowName, Comparison] = {}
    for table in tables.values():
        sets = [
            ScoredRows(
                np.vstack([shared.head_scores, shared.base_scores]),
                shared.articles,
                frozenset() if role == "model" else frozenset({0, 1}),
            )
            for _, shared, role in table
        ]
        for (name, _, _), (comparison,) in zip(table, compare_sets(sets), strict=True):
            comparisons[name] = comparison
    for row, shared in row_pairs:
        found = comparisons.get(row.name)
        yield dataclasses.replace(row, scores=_paired_scores(shared, found)) if found else row


def _pair(
    name: RowName, base: tuple[Run, Row], head: tuple[Run, Row]
) -> tuple[RowPair, "_SharedExamples"]:
    """Return a row of both runs, its scores left out, and what was seen of its examples."""
    (base_run, base_row), (head_run, head_row) = base, head
    metric = base_run.board.primary[name.task]
    reasons = refusals((base_run.board, base_row), (head_run.board, head_row))
    base_lines, head_lines = base_run.lines_of(base_row), head_run.lines_of(head_row)
    head_positions = {line.example: position for position, line in enumerate(head_lines)}
    in_both = array("q", (i for i, line in enumerate(base_lines) if line.example in head_positions))
    counterparts = array(
        "q", (head_positions[line.example] for line in select_lines(base_lines, in_both))
    )
    missing = tuple(line.example for line in base_lines if line.example not in head_positions)
    shared = set(counterparts) if len(counterparts) < len(head_lines) else range(len(head_lines))
    added = tuple(example for example, position in head_positions.items() if position not in shared)
    compared = _compare_lines(
        zip(select_lines(base_lines, in_both), select_lines(head_lines, counterparts), strict=True),
        None if reasons else metric,
    )
    if not reasons:
        reasons = compared.same_text_other_score
    row_pair = RowPair(
        name=name,
        role=base_row.role,
        metric=metric,
        refused=tuple(reasons),
        changes=tuple(changes(base_row, head_row)),
        scores=None,
        missing=missing,
        added=added,
        failed=tuple(compared.failed),
        recovered=tuple(compared.recovered),
        other_outputs=compared.other_outputs,
    )
    return row_pair, compared


@dataclass(slots=True)
class _SharedExamples:
    """What was seen of the examples of both runs: scores where both have one, and the rest."""

    base_scores: "array[float]"
    head_scores: "array[float]"
    articles: list[str]
    losses: list[Loss]
    same_text_other_score: list[Change]
    failed: list[str]
    recovered: list[str]
    other_outputs: int = 0


def _compare_lines(
    line_pairs: Iterable[tuple[PredictionLine, PredictionLine]], metric: str | None
) -> _SharedExamples:
    """Go through the lines of both runs once; the largest losses alone keep their texts.

    Without a metric that both have, only what is no score is looked at.
    """
    compared = _SharedExamples(array("d"), array("d"), [], [], [], [], [])
    for base_line, head_line in line_pairs:
        compared.other_outputs += base_line.text != head_line.text
        if base_line.error is not None or head_line.error is not None:
            if base_line.error is None:
                compared.failed.append(base_line.example)
            elif head_line.error is None:
                compared.recovered.append(base_line.example)
            continue
        if metric is None:
            continue
        base_score, head_score = base_line.scores[metric], head_line.scores[metric]
        compared.base_scores.append(base_score)
        compared.head_scores.append(head_score)
        compared.articles.append(sys.intern(base_line.cluster))
        if head_score - base_score < -SCORE_TOLERANCE:
            compared.losses.append(
                Loss(base_line.example, base_score, head_score, base_line.text, head_line.text)
            )
            if len(compared.losses) > 10 * MAX_LOSSES:
                compared.losses = _largest_losses(compared.losses)
        if (
            base_line.text == head_line.text
            and abs(base_score - head_score) > SCORE_TOLERANCE
            and not compared.same_text_other_score
        ):
            name = f"the same text of {base_line.example} scores"
            change = Change("metric", name, f"{base_score:.6f}", f"{head_score:.6f}")
            compared.same_text_other_score.append(change)
    compared.losses = _largest_losses(compared.losses)
    return compared


def _largest_losses(losses: Sequence[Loss]) -> list[Loss]:
    """Return the largest losses; of equal ones the first."""
    return sorted(losses, key=lambda loss: loss.head - loss.base)[:MAX_LOSSES]


def _paired_scores(compared: _SharedExamples, comparison: Comparison) -> PairedScores:
    clusters = len(set(compared.articles))
    return PairedScores(
        n=len(compared.base_scores),
        clusters=clusters,
        base=fmean(compared.base_scores),
        head=fmean(compared.head_scores),
        difference=comparison.difference,
        interval=comparison.interval,
        simultaneous=comparison.simultaneous,
        p=comparison.p if clusters > 1 else None,
        p_adjusted=comparison.p_adjusted if clusters > 1 else None,
        improved=comparison.wins,
        worse=comparison.losses,
        equal=comparison.ties,
        losses=tuple(compared.losses),
    )
