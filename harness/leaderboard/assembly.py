"""Rows of models to the whole leaderboard: what `harness eval` writes and `verify` rebuilds."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from harness.errors import DataError, did_you_mean
from harness.leaderboard.leaderboard import (
    SCHEMA_VERSION,
    ComparisonLine,
    DataLine,
    Leaderboard,
    OptionsLine,
    PowerLine,
    Row,
    SuiteLine,
)
from harness.leaderboard.prediction_lines import RowKey
from harness.leaderboard.ranking import rank_rows
from harness.leaderboard.rows import oracle_row, people_row, with_ceiling_shares
from harness.metrics import PRIMARY, metrics
from harness.metrics.ceiling import ORACLE, PEOPLE
from harness.metrics.options import USUAL, MetricOptions, task_metrics
from harness.records import SCOPES, TASKS, Example, Scope, ScoredPrediction, Task
from harness.suite.selection import Selection
from harness.suite.suite import Suite


def assemble_leaderboard(
    suite: Suite,
    selection: Selection,
    location: str | None,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    rows: Sequence[Row],
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
    environment: Mapping[str, object],
    options: MetricOptions = USUAL,
) -> tuple[Leaderboard, dict[RowKey, Sequence[ScoredPrediction]]]:
    """Return the leaderboard, and the scored predictions of each row that has some.

    `location` is where the suite is, as a run records it (`harness.command.locations`).
    `rows` and `scored` are the models' and floors'; the oracle and people are added, then shares,
    intervals, ranks and comparisons. `options` are those of the metrics. Raises DataError for a
    primary metric that there is not.
    """
    all_rows = list(rows)
    scored_by_row = dict(scored)
    people_scores: dict[RowKey, Sequence[ScoredPrediction]] = {}  # scores of no predictions
    for (task, scope), task_examples in examples.items():
        if task == "summarize":
            family = task_metrics(task, options)
            oracle, scored_by_row[ORACLE, task, scope] = oracle_row(
                task_examples, family, environment, options
            )
            all_rows.append(oracle)
            if people := people_row(task_examples, family, environment, options):
                all_rows.append(people[0])
                people_scores[PEOPLE, task, scope] = people[1]
    primary = primary_metrics(suite)
    ranking = rank_rows(with_ceiling_shares(all_rows), {**scored_by_row, **people_scores}, primary)
    data = DataLine(**dataclasses.asdict(suite.data)) if suite.data else None
    suite_line = SuiteLine(
        id=suite.id,
        hash=suite.hash,
        location=location,
        limit=selection.limit,
        examples=list(selection.examples) or None,
        text=selection.text,
        data=data,
    )
    board = sorted_leaderboard(
        suite_line, environment, ranking.rows, ranking.comparisons, ranking.power, primary, options
    )
    return board, scored_by_row


def sorted_leaderboard(
    suite: SuiteLine,
    environment: Mapping[str, object],
    rows: Iterable[Row],
    comparisons: Iterable[ComparisonLine] = (),
    power: Iterable[PowerLine] = (),
    primary: Mapping[Task, str] = PRIMARY,
    options: MetricOptions = USUAL,
) -> Leaderboard:
    """Return the leaderboard of what was run, its rows sorted."""

    def sort_key(row: Row) -> tuple[int, int, float, str]:
        mean = row.metrics[primary[row.task]].mean
        worst_last = -mean if mean is not None else 1.0
        return (TASKS.index(row.task), SCOPES.index(row.scope), worst_last, row.model)

    sorted_rows = sorted(rows, key=sort_key)
    return Leaderboard(
        schema_version=SCHEMA_VERSION,
        suite=suite,
        primary={
            task: primary[task] for task in TASKS if any(row.task == task for row in sorted_rows)
        },
        metric_options=OptionsLine.model_validate(options.chosen) if options.chosen else None,
        environment=dict(environment),
        rows=sorted_rows,
        comparisons=list(comparisons),
        power=list(power),
    )


def primary_metrics(suite: Suite) -> Mapping[Task, str]:
    """Return the suite's primary metrics by task; raise DataError for one that there is not."""
    for task, name in suite.primary.items():
        metric_names = list(metrics(task).signatures)
        if name not in metric_names:
            raise DataError(
                f"the manifest's primary.{task}: there is no metric {name!r}"
                f"{did_you_mean(name, metric_names)}"
            )
    return {**PRIMARY, **suite.primary}
