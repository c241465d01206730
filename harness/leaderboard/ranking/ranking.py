"""Where rows stand among each other: intervals, comparisons, ranks, and what all that can show."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from harness.leaderboard.leaderboard import ComparisonLine, DisagreementLine, PowerLine, Row
from harness.leaderboard.numbers import AboveFloor, Number
from harness.leaderboard.ranking.comparisons import compare_rows, comparison_line, interval_line
from harness.leaderboard.ranking.disagreements import disagreements
from harness.leaderboard.ranking.order import best_first
from harness.leaderboard.ranking.power_statement import power_line
from harness.leaderboard.ranking.scored_rows import (
    RowScores,
    by_examples,
    comparable_pairs,
    row_scores,
    scored_sets,
)
from harness.metrics import PRIMARY
from harness.metrics.declaration import Declaration
from harness.models.checkpoint.memory import trim_memory
from harness.records import SCOPES, TASKS, Scope, ScoredPrediction, Task
from harness.stats import (
    Comparison,
    Estimate,
    Interval,
    compare_sets,
    ranks,
    row_estimates,
    rows_beaten,
    under,
)
from harness.stats.clusters import Floats


@dataclass(frozen=True)
class Ranking:
    """The rows with their intervals and ranks, and what the ranks rest on."""

    rows: list[Row]
    comparisons: list[ComparisonLine]
    power: list[PowerLine]
    disagreements: list[DisagreementLine]


def rank_rows(
    rows: Sequence[Row],
    scored: Mapping[tuple[str, Task, Scope], Sequence[ScoredPrediction]],
    declarations: Mapping[str, Declaration],
    primaries: Mapping[Task, str] = PRIMARY,
    noun: str | None = None,
) -> Ranking:
    """Return the rows with intervals and ranks, every comparison, and what the suite can show.

    `scored` holds the scores of each row, `declarations` what each metric says of itself. Two rows
    are compared on the examples that both were scored on. `noun` is what a cluster is called where
    it is neither article nor event.
    """
    ranked_rows: list[Row] = []
    comparisons: list[ComparisonLine] = []
    power_lines: list[PowerLine] = []
    opposite_orders: list[DisagreementLine] = []
    for task, scope in product(TASKS, SCOPES):
        task_rows = [row for row in rows if (row.task, row.scope) == (task, scope)]
        scores = row_scores(task_rows, scored)
        if not scores:
            ranked_rows += task_rows
            continue
        trim_memory()  # what reading all of them took: the bootstrap takes most
        updates: dict[str, dict[str, object]] = {row.model: {} for row in task_rows}
        for group in by_examples(scores):
            for row_with_scores, numbers in zip(
                group, _numbers(group, declarations, noun), strict=True
            ):
                updates[row_with_scores.row.model]["metrics"] = numbers
        trim_memory()  # what drawing took: flipping signs takes as much
        primary = primaries[task]
        order = best_first(primary, declarations[primary])
        compared = sorted(
            (row for row in scores if row.is_compared), key=lambda scores: order(scores.row)
        )
        task_comparisons = compare_rows(compared, primary, declarations[primary])
        for name, update in _ranks(compared, task_comparisons).items():
            updates[name] |= update
        above = _above_best_floor(scores, compared, task_comparisons, primary, declarations)
        for name, above_floor in above.items():
            updates[name]["above_floor"] = above_floor
        ranked_rows += [row.model_copy(update=updates[row.model]) for row in task_rows]
        comparisons += [
            comparison_line(compared, comparison, primary) for comparison in task_comparisons
        ]
        opposite_orders += disagreements(compared, task_comparisons, primary, declarations)
        if compared:
            power_lines.append(
                power_line(compared, task_comparisons, declarations[primary], task_rows, noun)
            )
    return Ranking(ranked_rows, comparisons, power_lines, opposite_orders)


def _numbers(
    group: Sequence[RowScores], declarations: Mapping[str, Declaration], noun: str | None
) -> list[dict[str, Number]]:
    """Return the numbers of rows that were scored on the same examples, with their intervals.

    All share the bootstrap's draws. A row that gave one text everywhere is no sample of anything:
    its mean is a fact of these examples, and has no interval.
    """
    by_metric = _estimates(group, declarations, noun or group[0].row.scope)
    numbers: list[dict[str, Number]] = [{} for _ in group]
    for metric, metric_estimates in by_metric.items():
        greater = declarations[metric].never_above or ""
        for index, estimate in enumerate(metric_estimates):
            if estimate is None:
                numbers[index][metric] = group[index].row.metrics[metric]
                continue
            interval = estimate.interval
            if greater in by_metric and (above := by_metric[greater][index]):
                interval = under(interval, above.interval, greater)
            constant = group[index].constant and estimate.clusters > 1
            numbers[index][metric] = (
                group[index]
                .row.metrics[metric]
                .model_copy(
                    update={
                        "interval": None if constant else interval_line(interval),
                        "bootstrap": None if constant else interval_line(estimate.bootstrap),
                        "clusters": estimate.clusters,
                        "caution": None if constant else estimate.caution,
                        "bootstrap_caution": None if constant else estimate.bootstrap_caution,
                    }
                )
            )
    return numbers


def _estimates(
    group: Sequence[RowScores], declarations: Mapping[str, Declaration], noun: str
) -> dict[str, list[Estimate | None]]:
    """Return the estimates of each metric, in the rows' order; `None` where no example has one.

    `noun` is what a cluster is called. Where some examples lack a metric, its estimate is over the
    others, with draws of its own.
    """
    rows = [(metric, index) for metric in group[0].scores for index in range(len(group))]
    ranges = {name: (declarations[name].low, declarations[name].high) for name in group[0].scores}
    clusters = group[0].examples.clusters
    complete = [row for row in rows if not np.isnan(_scores(group, row)).any()]
    estimated: dict[tuple[str, int], Estimate] = {}
    for together in [complete, *([row] for row in rows if row not in complete)]:
        if not together:
            continue
        known = ~np.isnan(_scores(group, together[0]))
        if not known.any():
            continue
        kept = slice(None) if known.all() else known  # of all there is no copy
        # A metric's mean of ones may round to a little more than 1.
        clipped = (np.clip(_scores(group, row)[kept], *ranges[row[0]]) for row in together)
        found = row_estimates(
            clipped, clusters[kept], [ranges[metric] for metric, _ in together], noun=noun
        )
        estimated |= zip(together, found, strict=True)
    return {
        metric: [estimated.get((metric, index)) for index in range(len(group))]
        for metric in group[0].scores
    }


def _scores(group: Sequence[RowScores], row: tuple[str, int]) -> Floats:
    """Return the scores by a metric of the row at a place; they are read anew each time."""
    metric, index = row
    return group[index].scores[metric]


def _ranks(
    compared: Sequence[RowScores], comparisons: Sequence[Comparison]
) -> dict[str, dict[str, object]]:
    beats = rows_beaten(comparisons, len(compared))
    return {
        compared[place].row.model: {
            "rank": rank.best,
            "worst_rank": rank.worst,
            "beats": [compared[other].row.model for other in sorted(beats[place])],
        }
        for place, rank in ranks(range(len(compared)), beats).items()
    }


def _above_best_floor(
    scores: Sequence[RowScores],
    compared: Sequence[RowScores],
    comparisons: Sequence[Comparison],
    metric: str,
    declarations: Mapping[str, Declaration],
) -> dict[str, AboveFloor]:
    """Return how far each row that is no floor is above the best floor, by the row's name.

    Of a model that is the comparison which stands in the leaderboard; people and the oracle, who
    are compared with nobody else, are held against the floor alone.
    """
    floor = next((row for row in compared if row.row.role == "floor"), None)
    if floor is None:
        return {}
    with_floor = {
        compared[other].row.model: dataclasses.replace(
            comparison,
            difference=0.0 - comparison.difference if flipped else comparison.difference,
            interval=_negative(comparison.interval) if flipped else comparison.interval,
        )
        for comparison in comparisons
        for other, place, flipped in (
            (comparison.a, comparison.b, False),
            (comparison.b, comparison.a, True),
        )
        if compared[place] is floor
    }
    for row in scores:
        if not row.is_compared and (pair_sets := comparable_pairs([row, floor])):
            sets = scored_sets([row, floor], pair_sets, metric, declarations[metric])
            with_floor[row.row.model] = compare_sets(sets)[0][0]
    return {
        row.row.model: AboveFloor(
            floor=floor.row.model,
            difference=with_floor[row.row.model].difference,
            interval=interval_line(with_floor[row.row.model].interval),
            n=with_floor[row.row.model].n,
        )
        for row in scores
        if row.row.role != "floor" and row.row.model in with_floor
    }


def _negative(interval: Interval | None) -> Interval | None:
    return interval and Interval(0.0 - interval.high, 0.0 - interval.low, interval.method)
