"""The rows of several runs over one suite, compared and ranked together."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.leaderboard.assembly import sorted_leaderboard
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.ranking.ranking import rank_rows
from harness.leaderboard.run_folder import Run
from harness.leaderboard.run_time import made_on
from harness.records import TASKS, Example, Scope, ScoredPrediction, Task
from harness.stream import Stream

if TYPE_CHECKING:
    from harness.leaderboard.prediction_lines import RowKey
    from harness.leaderboard.suite_line import AskedLine


@dataclass(frozen=True)
class _Placed:
    """A row, the run that it is of, and what it is called among the rows of all runs."""

    run: Run
    row: Row
    name: str


def united(runs: Sequence[Run]) -> Leaderboard:
    """Return the leaderboard of all rows of some runs, as of one run that had made them all.

    A row that two runs have with the same numbers and the same model is one; where they differ,
    each has its run's date in its name. People and the oracle are the first run's. Metrics that a
    run lacks are left out. Raises UsageError for runs of other suites or examples, by another
    primary metric, or with other signatures, and DataError for a suite that is not in its place.
    """
    for one, other in itertools.combinations(runs, 2):
        _refuse_unlike(one, other)
    first = runs[0]
    kept = {task: _shared_metrics(runs, task) for task in TASKS}
    lines = {
        name: line
        for run in reversed(runs)
        for name, line in run.board.metrics.items()
        if any(name in names for names in kept.values())
    }
    suite = first.suite()
    rows: list[Row] = []
    scored: dict[RowKey, Sequence[ScoredPrediction]] = {}
    examples: dict[tuple[str, str], Sequence[Example]] = {}
    for item in _placed(runs):
        names = kept[item.row.task]
        row = item.row.model_copy(
            update={
                "model": item.name,
                "metrics": {n: v for n, v in item.row.metrics.items() if n in names},
            }
        )
        rows.append(row)
        key = (row.task, row.scope)
        if key not in examples:
            selection = item.run.board.suite.selection
            examples[key] = list(selection.examples_of(suite, row.task, row.scope))
        if row.role != "people":
            scored[row.model, row.task, row.scope] = _scored(item, examples[key], names)
    declarations = {name: line.declaration for name, line in lines.items()}
    primary: dict[Task, str] = {}
    asked: dict[tuple[Task, Scope], AskedLine] = {}
    for run in reversed(runs):
        primary |= run.board.primary
        asked |= {(line.task, line.scope): line for line in run.board.suite.asked}
    ranking = rank_rows(rows, scored, declarations, primary, suite.cluster_noun)
    board = sorted_leaderboard(
        first.board.suite.model_copy(update={"asked": list(asked.values())}),
        first.board.environment,
        ranking.rows,
        declarations,
        ranking.comparisons,
        ranking.power,
        primary,
        first.board.chosen_options(),
        {name: line.agreement for name, line in lines.items()},
    )
    return board.model_copy(update={"disagreements": ranking.disagreements})


def _shared_metrics(runs: Sequence[Run], task: Task) -> list[str]:
    """Return the metrics of a task that all runs have which were asked it."""
    of_runs = [
        list(
            dict.fromkeys(
                name for row in run.board.rows if row.task == task for name in row.metrics
            )
        )
        for run in runs
        if task in run.board.primary
    ]
    return (
        [name for name in of_runs[0] if all(name in names for names in of_runs)] if of_runs else []
    )


def _refuse_unlike(first: Run, other: Run) -> None:
    """Raise UsageError where two runs' numbers do not belong into one table."""
    suites = first.board.suite, other.board.suite
    if suites[0].hash != suites[1].hash:
        raise UsageError(
            f"{other.folder}: was run on another suite ({suites[1].id}, {suites[1].hash[:12]}) "
            f"than {first.folder} ({suites[0].id}, {suites[0].hash[:12]}); unite runs of one"
        )
    for task, metric in first.board.primary.items():
        theirs = other.board.primary.get(task, metric)
        if theirs != metric:
            raise UsageError(
                f"{other.folder}: is ranked by {theirs} of {task}, and {first.folder} by {metric}; "
                f"`harness eval` again with the same --primary {task}={metric} runs no model"
            )
    for line in suites[0].asked:
        asked = suites[1].asked_of(line.task, line.scope)
        if asked and asked.ids_sha256 != line.ids_sha256:
            raise UsageError(
                f"{other.folder}: was asked other examples of {line.task} ({asked.examples}) than "
                f"{first.folder} ({line.examples}); unite runs of the same"
            )
    signatures = _signatures(first)
    for (task, name), signature in _signatures(other).items():
        if signatures.get((task, name), signature) != signature:
            raise UsageError(
                f"{other.folder}: its {name} of {task} has another signature than that of "
                f"{first.folder}: {signature} and {signatures[task, name]}; `harness eval` again, "
                "as the older run was made, scores it anew without a model"
            )


def _signatures(run: Run) -> dict[tuple[Task, str], str]:
    return {
        (row.task, name): number.signature
        for row in run.board.rows
        for name, number in row.metrics.items()
    }


def _placed(runs: Sequence[Run]) -> list[_Placed]:
    """Return the rows that stand in the table, each with its name there."""
    by_name: dict[RowKey, list[_Placed]] = {}
    for run in runs:
        for row in run.board.rows:
            same = by_name.setdefault((row.model, row.task, row.scope), [])
            of_suite = row.role in ("people", "oracle") and same
            if not of_suite and not any(_equal(row, other.row) for other in same):
                same.append(_Placed(run, row, row.model))
    return [
        _Placed(item.run, item.row, name)
        for same in by_name.values()
        for item, name in zip(same, _names(same), strict=True)
    ]


def _names(same: Sequence[_Placed]) -> Iterator[str]:
    """Yield what rows of one model are called: by their dates where there are several."""
    dates = [made_on(item.run).date().isoformat() for item in same]
    for item, date in zip(same, dates, strict=True):
        if len(same) == 1:
            yield item.name
        elif dates.count(date) == 1:
            yield f"{item.name} ({date})"
        else:
            yield f"{item.name} ({date}, {item.run.folder})"


def _equal(row: Row, other: Row) -> bool:
    means = {name: number.mean for name, number in row.metrics.items()}
    shared = [name for name in means if name in other.metrics]
    return (
        row.identity == other.identity
        and (row.counts.ok, row.counts.error) == (other.counts.ok, other.counts.error)
        and all(means[name] == other.metrics[name].mean for name in shared)
    )


def _scored(
    item: _Placed, examples: Sequence[Example], metrics: Sequence[str]
) -> Sequence[ScoredPrediction]:
    """Return a row's predictions with the scores that its run has, in the suite's order."""
    lines = item.run.lines_of(item.row)
    by_id: Mapping[str, Example] = {example.id: example for example in examples}

    def read(start: int) -> Iterator[ScoredPrediction]:
        for line in itertools.islice(lines, start, None):
            scores = {name: line.scores[name] for name in metrics if name in line.scores}
            yield ScoredPrediction(by_id[line.example], line.key, line.prediction, True, scores)

    return Stream(len(lines), read)
