"""Where rows stand among each other: intervals, comparisons, ranks, and what all that can show."""

import dataclasses
import hashlib
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from harness.leaderboard.leaderboard import ComparisonLine, PowerLine, Row
from harness.leaderboard.numbers import IntervalLine, Number
from harness.leaderboard.power_statement import power_line
from harness.metrics import NEVER_ABOVE, PRIMARY
from harness.records import SCOPES, TASKS, Scope, ScoredPrediction, Task
from harness.stats import (
    Comparison,
    Interval,
    ScoredRows,
    compare_sets,
    estimates,
    ranks,
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


@dataclass(frozen=True)
class _ComparableRows:
    """Rows that were scored on the same examples, and their scores by metric and row."""

    rows: list[Row]
    clusters: list[str]
    scores: Mapping[str, list[Floats]]

    def compared_indices(self) -> list[int]:
        return [i for i, row in enumerate(self.rows) if row.role in ("model", "floor")]


def rank_rows(
    rows: Sequence[Row],
    scored: Mapping[tuple[str, Task, Scope], Sequence[ScoredPrediction]],
    primaries: Mapping[Task, str] = PRIMARY,
) -> Ranking:
    """Return the rows with intervals and ranks, every comparison, and what the suite can show.

    `scored` holds the scores of each row. Rows are compared only if they were scored on the same
    examples; those that are ranked are the largest set of such rows.
    """
    ranked_rows: list[Row] = []
    comparisons: list[ComparisonLine] = []
    power_lines: list[PowerLine] = []
    for task, scope in product(TASKS, SCOPES):
        task_rows = [row for row in rows if (row.task, row.scope) == (task, scope)]
        if not task_rows:
            continue
        comparable_sets = _comparable_sets(task_rows, scored)
        rows_by_model = {row.model: row for row in task_rows}
        for comparable in comparable_sets:
            rows_by_model |= {row.model: row for row in _with_intervals(comparable)}
        primary = primaries[task]
        comparisons_by_set = _compare(comparable_sets, primary)
        comparisons += [
            _comparison_line(comparable, comparison, primary)
            for comparable, set_comparisons in zip(comparable_sets, comparisons_by_set, strict=True)
            for comparison in set_comparisons
        ]
        largest = max(
            range(len(comparable_sets)),
            key=lambda i: len(comparable_sets[i].compared_indices()),
            default=None,
        )
        if largest is not None and comparable_sets[largest].compared_indices():
            ranks_by_model = _ranks(comparable_sets[largest], comparisons_by_set[largest], primary)
            rows_by_model |= {
                name: rows_by_model[name].model_copy(update=update)
                for name, update in ranks_by_model.items()
            }
            comparison_count = sum(len(set_comparisons) for set_comparisons in comparisons_by_set)
            power_lines.append(
                _power_line(
                    comparable_sets[largest],
                    comparisons_by_set[largest],
                    comparison_count,
                    task_rows,
                )
            )
        ranked_rows += rows_by_model.values()
    return Ranking(ranked_rows, comparisons, power_lines)


def _comparable_sets(
    rows: Sequence[Row], scored: Mapping[tuple[str, Task, Scope], Sequence[ScoredPrediction]]
) -> list[_ComparableRows]:
    """Return the rows in sets scored on the same examples; those without scores are in none."""
    comparable_sets: dict[bytes, _ComparableRows] = {}
    for row in rows:
        example_ids = hashlib.sha256()
        clusters: list[str] = []
        values_by_metric = {metric: array("d") for metric in row.metrics}
        for scored_prediction in scored.get((row.model, row.task, row.scope), ()):
            if scored_prediction.scores:
                example_ids.update(scored_prediction.example.id.encode() + b"\n")
                clusters.append(sys.intern(scored_prediction.example.cluster))
                for metric, metric_values in values_by_metric.items():
                    metric_values.append(scored_prediction.scores[metric])
        if clusters:
            comparable = comparable_sets.setdefault(
                example_ids.digest(),
                _ComparableRows([], clusters, {metric: [] for metric in values_by_metric}),
            )
            comparable.rows.append(row)
            for metric, metric_values in values_by_metric.items():
                comparable.scores[metric].append(np.frombuffer(metric_values))
    return list(comparable_sets.values())


def _with_intervals(comparable: _ComparableRows) -> list[Row]:
    """Return the rows with intervals; all numbers share the bootstrap's draws."""
    metrics = list(comparable.scores)
    # A metric's mean of ones may round to a little more than 1.
    score_rows = np.vstack([row for metric in metrics for row in comparable.scores[metric]])
    row_estimates = iter(
        estimates(np.clip(score_rows, 0, 1), comparable.clusters, noun=comparable.rows[0].scope)
    )
    by_metric = {metric: [next(row_estimates) for _ in comparable.rows] for metric in metrics}
    numbers: list[dict[str, Number]] = [{} for _ in comparable.rows]
    for metric, metric_estimates in by_metric.items():
        greater = NEVER_ABOVE.get(metric, "")
        for index, estimate in enumerate(metric_estimates):
            interval = estimate.interval
            if greater in by_metric:
                interval = under(interval, by_metric[greater][index].interval, greater)
            numbers[index][metric] = (
                comparable.rows[index]
                .metrics[metric]
                .model_copy(
                    update={
                        "interval": _interval_line(interval),
                        "bootstrap": _interval_line(estimate.bootstrap),
                        "clusters": estimate.clusters,
                        "caution": estimate.caution,
                        "bootstrap_caution": estimate.bootstrap_caution,
                    }
                )
            )
    return [
        row.model_copy(update={"metrics": row_numbers})
        for row, row_numbers in zip(comparable.rows, numbers, strict=True)
    ]


def _compare(comparable_sets: Sequence[_ComparableRows], metric: str) -> list[list[Comparison]]:
    """Return each set's comparisons, best row first; p is adjusted over all sets together."""
    compared = [
        (comparable, order)
        for comparable in comparable_sets
        if (order := _best_first(comparable, metric))
    ]
    comparisons_by_set = compare_sets(
        [
            ScoredRows(
                np.vstack([comparable.scores[metric][i] for i in order]),
                comparable.clusters,
                frozenset(
                    place for place, i in enumerate(order) if comparable.rows[i].role == "floor"
                ),
            )
            for comparable, order in compared
        ]
    )
    renamed = iter(
        [
            dataclasses.replace(comparison, a=order[comparison.a], b=order[comparison.b])
            for comparison in comparisons
        ]
        for (_, order), comparisons in zip(compared, comparisons_by_set, strict=True)
    )
    return [
        next(renamed) if comparable.compared_indices() else [] for comparable in comparable_sets
    ]


def _best_first(comparable: _ComparableRows, metric: str) -> list[int]:
    """Return the compared rows, best first, as the leaderboard sorts them."""

    def sort_key(i: int) -> tuple[float, str]:
        return -(comparable.rows[i].metrics[metric].mean or 0.0), comparable.rows[i].model

    return sorted(comparable.compared_indices(), key=sort_key)


def _comparison_line(
    comparable: _ComparableRows, comparison: Comparison, metric: str
) -> ComparisonLine:
    a, b = comparable.rows[comparison.a], comparable.rows[comparison.b]
    return ComparisonLine(
        task=a.task,
        scope=a.scope,
        metric=metric,
        a=a.model,
        b=b.model,
        difference=comparison.difference,
        interval=_interval_line(comparison.interval),
        simultaneous=_interval_line(comparison.simultaneous),
        p=comparison.p,
        p_adjusted=comparison.p_adjusted,
        adjustment=comparison.adjustment,
        wins=comparison.wins,
        ties=comparison.ties,
        losses=comparison.losses,
    )


def _ranks(
    comparable: _ComparableRows, comparisons: Sequence[Comparison], metric: str
) -> dict[str, dict[str, object]]:
    beats = rows_beaten(comparisons, len(comparable.rows))
    order = _best_first(comparable, metric)
    return {
        comparable.rows[i].model: {
            "rank": rank.best,
            "worst_rank": rank.worst,
            "beats": [comparable.rows[j].model for j in order if j in beats[i]],
        }
        for i, rank in ranks(order, beats).items()
    }


def _power_line(
    comparable: _ComparableRows,
    comparisons: Sequence[Comparison],
    comparison_count: int,
    task_rows: Sequence[Row],
) -> PowerLine:
    between_models = [
        comparison
        for comparison in comparisons
        if comparable.rows[comparison.a].role == comparable.rows[comparison.b].role == "model"
    ]
    ranked_models = {comparable.rows[i].model for i in comparable.compared_indices()}
    return power_line(
        task=comparable.rows[0].task,
        scope=comparable.rows[0].scope,
        clusters=len(set(comparable.clusters)),
        comparisons=comparison_count,
        errors=[comparison.standard_error for comparison in between_models or comparisons],
        freedom=comparisons[0].freedom if comparisons else 0.0,
        unranked=sorted(
            row.model
            for row in task_rows
            if row.role in ("model", "floor") and row.model not in ranked_models
        ),
    )


def _interval_line(interval: Interval | None) -> IntervalLine | None:
    return (
        IntervalLine(low=interval.low, high=interval.high, method=interval.method)
        if interval
        else None
    )
