"""Two runs, row by row and example by example."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from harness.compare.changes import Change, changes, part_changes, refusals
from harness.compare.examples import Loss, SharedExamples, compare_lines, pair_lines
from harness.leaderboard.judged_metrics import metric_and_scope
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.ranking.cluster_numbers import ClusterNumbers
from harness.leaderboard.run_folder import Run
from harness.metrics.declaration import SHARE, Declaration
from harness.records import Role, Scope, Task
from harness.stats import Comparison, Interval, ScoredRows, compare_sets
from harness.suite.selection import Selection

EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class RowName:
    """What makes a row of one run the same row in another."""

    model: str
    task: Task
    scope: Scope

    def __str__(self) -> str:
        return f"{self.model} {self.task}{': event' if self.scope == 'event' else ''}"


@dataclass(frozen=True, slots=True)
class PairedScores:
    """One metric on the examples that both runs scored: head less base.

    `interval` is the 95 % interval of this difference alone, clustered by article, and `p` the
    paired sign-flip test's; both are `None` for one article, the interval also where all articles
    moved by the same. `simultaneous` and `p_adjusted` are for all models of the task and scope at
    once (see `harness.stats.compare_sets`): `None` for what is no model beside models, and the
    interval also at five articles and fewer. Means are over the `n` examples in `clusters`
    articles; `standard_error` of the difference has `freedom` degrees of freedom, both `None` for
    one article. `improved` and `worse` are in the metric's direction.
    """

    n: int
    clusters: int
    base: float
    head: float
    difference: float
    standard_error: float | None
    freedom: float | None
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
    """One row in both runs, by one metric. If `refused` says why not, nothing was compared.

    `scores` is `None` then, and where no example was scored in both. `missing` are examples of
    the base that the head lacks, `added` those that it has more. `failed` were scored in the base
    and failed in the head, `recovered` the other way; by a metric that some texts have no score by
    `unscored` have one in the base alone, `newly_scored` in the head. `other_outputs` counts the
    examples that both answered, with different texts. `noun` is what a cluster is called.
    """

    name: RowName
    role: Role
    metric: str
    declaration: Declaration
    refused: tuple[Change, ...]
    changes: tuple[Change, ...]
    scores: PairedScores | None
    missing: tuple[str, ...]
    added: tuple[str, ...]
    failed: tuple[str, ...]
    recovered: tuple[str, ...]
    unscored: tuple[str, ...]
    newly_scored: tuple[str, ...]
    other_outputs: int
    noun: str


@dataclass(frozen=True)
class RunPair:
    """Two runs: the rows that both have, and those that only one has.

    The selections say which examples of the suite each was made on. A row that was compared by
    several metrics stands here once for each, its primary one first.
    """

    base: str
    head: str
    rows: tuple[RowPair, ...]
    only_base: tuple[RowName, ...]
    only_head: tuple[RowName, ...]
    base_selection: Selection = EVERYTHING
    head_selection: Selection = EVERYTHING

    @property
    def on_other_examples(self) -> bool:
        """Whether other parts of the suite were chosen: a limit that leaves out nothing is none."""
        return self.base_selection != self.head_selection and any(
            row.missing or row.added for row in self.rows
        )


def compare(base: Run, head: Run, further: Sequence[str] = ()) -> RunPair:
    """Compare two runs by each row's primary metric; people, who predict nothing, are left out.

    A row that has metrics of `further` in either run is compared by each of them too, after its
    primary one; a name with a scope, `f1@event`, is of rows of that scope alone. Raises DataError
    for a run whose predictions are not those that its leaderboard counts.
    """
    base_rows, head_rows = _rows_by_name(base), _rows_by_name(head)
    row_pairs = []
    numbers = ClusterNumbers()
    for name, base_row in base_rows.items():
        if name not in head_rows:
            continue
        head_row = head_rows[name]
        primary = base.board.primary[name.task]
        has = base_row.metrics.keys() | head_row.metrics.keys()
        asked = _of_scope(further, name.scope)
        row_pairs += [
            _pair(name, (base, base_row), (head, head_row), metric, numbers)
            for metric in [primary, *(m for m in asked if m in has and m != primary)]
        ]
    return RunPair(
        base=str(base.folder),
        head=str(head.folder),
        rows=tuple(_with_scores(row_pairs, numbers)),
        only_base=tuple(name for name in base_rows if name not in head_rows),
        only_head=tuple(name for name in head_rows if name not in base_rows),
        base_selection=base.board.suite.selection,
        head_selection=head.board.suite.selection,
    )


def common_noun(rows: Iterable[RowPair]) -> str:
    """Return what the clusters of several rows are called; events, too, are articles in this."""
    nouns = {row.noun for row in rows} - {"event"}
    return nouns.pop() if len(nouns) == 1 else "article"


def _of_scope(names: Sequence[str], scope: Scope) -> list[str]:
    """Return the metrics that are named for rows of a scope, each once."""
    metrics = (metric_and_scope(name) for name in names)
    return list(dict.fromkeys(metric for metric, of in metrics if of in (None, scope)))


def _rows_by_name(run: Run) -> dict[RowName, Row]:
    return {
        RowName(row.model, row.task, row.scope): row
        for row in run.board.rows
        if row.role != "people"
    }


def _with_scores(
    row_pairs: Sequence[tuple[RowPair, SharedExamples]], numbers: ClusterNumbers
) -> Iterator[RowPair]:
    """Yield the pairs with their scores; those of one table and metric are tested together."""
    tables: dict[tuple[Task, Scope, str], list[tuple[RowPair, SharedExamples]]] = {}
    for row, shared in row_pairs:
        if shared.clusters and not row.refused:
            key = (row.name.task, row.name.scope, row.metric)
            tables.setdefault(key, []).append((row, shared))
    comparisons: dict[tuple[RowName, str], Comparison] = {}
    for table in tables.values():
        sets = [
            ScoredRows(
                np.vstack([shared.head_scores, shared.base_scores]),
                numbers.of(shared.clusters),
                frozenset() if row.role == "model" else frozenset({0, 1}),
                row.declaration.greatest_difference,
                row.declaration.sign,
            )
            for row, shared in table
        ]
        for (row, _), (comparison,) in zip(table, compare_sets(sets), strict=True):
            comparisons[row.name, row.metric] = comparison
    for row, shared in row_pairs:
        comparison_of_row = comparisons.get((row.name, row.metric))
        if comparison_of_row is None:
            yield row
        else:
            scores = paired_scores(
                shared.base_scores, shared.head_scores, comparison_of_row, shared.losses
            )
            yield dataclasses.replace(row, scores=scores)


def _pair(
    name: RowName,
    base: tuple[Run, Row],
    head: tuple[Run, Row],
    metric: str,
    numbers: ClusterNumbers,
) -> tuple[RowPair, SharedExamples]:
    """Return a row of both runs, its scores left out, and what was seen of its examples."""
    (base_run, base_row), (head_run, head_row) = base, head
    reasons = refusals((base_run.board, base_row), (head_run.board, head_row), metric)
    line = base_run.board.metrics.get(metric) or head_run.board.metrics.get(metric)
    declaration = line.declaration if line else SHARE
    lines = pair_lines(base_run.lines_of(base_row), head_run.lines_of(head_row))
    compared = compare_lines(
        zip(lines.base, lines.head, strict=True),
        None if reasons else metric,
        declaration.sign,
        numbers,
    )
    if not reasons:
        reasons = compared.same_text_other_score
    row_pair = RowPair(
        name=name,
        role=base_row.role,
        metric=metric,
        declaration=declaration,
        refused=tuple(reasons),
        changes=(
            *part_changes((base_run.board, base_row), (head_run.board, head_row)),
            *changes(base_row, head_row),
        ),
        scores=None,
        missing=lines.missing,
        added=lines.added,
        failed=tuple(compared.failed),
        recovered=tuple(compared.recovered),
        unscored=tuple(compared.unscored),
        newly_scored=tuple(compared.newly_scored),
        other_outputs=compared.other_outputs,
        noun=base_run.board.suite.cluster_noun(name.scope),
    )
    return row_pair, compared


def paired_scores(
    base: Sequence[float],
    head: Sequence[float],
    comparison: Comparison,
    losses: Sequence[Loss] = (),
) -> PairedScores:
    """Return a comparison of the head (its row a) with the base, as a pair of rows has it."""
    several = comparison.clusters > 1
    return PairedScores(
        n=comparison.n,
        clusters=comparison.clusters,
        base=fmean(base),
        head=fmean(head),
        difference=comparison.difference,
        standard_error=comparison.standard_error if several else None,
        freedom=comparison.freedom if several else None,
        interval=comparison.interval,
        simultaneous=comparison.simultaneous,
        p=comparison.p if several else None,
        p_adjusted=comparison.p_adjusted if several else None,
        improved=comparison.wins,
        worse=comparison.losses,
        equal=comparison.ties,
        losses=tuple(losses),
    )
