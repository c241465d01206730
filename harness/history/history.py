"""The rows of several runs in time: each model's number, and what changed since the run before."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.compare.changes import Change, changes
from harness.errors import UsageError, did_you_mean
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import MetricLine, Number
from harness.leaderboard.run_folder import Run
from harness.leaderboard.run_time import made_on
from harness.records import SCOPES, TASKS, Role, Scope, Task


@dataclass(frozen=True, slots=True)
class Moment:
    """A row in one run: its number, and what is recorded that differs from the row before.

    `comparable` is whether the number may be held against the one before: the same suite, examples
    and signature. `number` is `None` where the run lacks the metric.
    """

    run: str
    made_on: datetime.datetime
    number: Number | None
    failed: int
    comparable: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A model on one task and scope, by one metric, over the runs that have it."""

    model: str
    role: Role
    task: Task
    scope: Scope
    metric: str
    line: MetricLine
    moments: tuple[Moment, ...]


def courses(
    runs: Sequence[Run], models: Sequence[str] | None = None, metric: str | None = None
) -> list[Course]:
    """Return the course of each model, then of floors, over runs in the order of their time.

    By the primary metric of the newest run that has the task, or by `metric`. Raises UsageError for
    a model or metric that no run has.
    """
    ordered = sorted(runs, key=lambda run: (made_on(run), str(run.folder)))
    rows = [
        (run, row) for run in ordered for row in run.board.rows if row.role in ("model", "floor")
    ]
    by_role = sorted((row for _, row in rows), key=lambda row: row.role != "model")
    known = list(dict.fromkeys(row.model for row in by_role))
    for name in models or ():
        if name not in known:
            raise UsageError(f"--models: no run has a row {name!r}{did_you_mean(name, known)}")
    metrics = {name for _, row in rows for name in row.metrics}
    if metric is not None and metric not in metrics:
        raise UsageError(f"--metric: no run has {metric!r}{did_you_mean(metric, sorted(metrics))}")
    return [
        course
        for task in TASKS
        for scope in SCOPES
        for model in models or known
        if (course := _course(rows, model, task, scope, metric))
    ]


def _course(
    rows: Sequence[tuple[Run, Row]], model: str, task: Task, scope: Scope, metric: str | None
) -> Course | None:
    own = [
        (run, row) for run, row in rows if (row.model, row.task, row.scope) == (model, task, scope)
    ]
    if not own:
        return None
    name = metric or own[-1][0].board.primary[task]
    having = [run for run, row in own if name in row.metrics]
    if not having:
        return None
    line = having[-1].board.metrics[name]
    return Course(model, own[-1][1].role, task, scope, name, line, tuple(_moments(own, name)))


def _moments(own: Sequence[tuple[Run, Row]], metric: str) -> Iterator[Moment]:
    before: tuple[Run, Row] | None = None
    for run, row in own:
        number = row.metrics.get(metric)
        told: list[Change] = []
        if before is not None:
            told = _data_changes(before[0], run, row) + _row_changes(before[1], row, metric)
        comparable = not any(change.part in ("data", "metric") for change in told)
        yield Moment(
            str(run.folder), made_on(run), number, row.counts.error, comparable, tuple(told)
        )
        before = (run, row)


def _data_changes(before: Run, run: Run, row: Row) -> list[Change]:
    suites = before.board.suite, run.board.suite
    if suites[0].hash != suites[1].hash:
        return [Change("data", "suite", suites[0].hash, suites[1].hash)]
    asked = [suite.asked_of(row.task, row.scope) for suite in suites]
    hashes = [line.ids_sha256 if line else "none" for line in asked]
    return [] if hashes[0] == hashes[1] else [Change("data", "examples", *hashes)]


def _row_changes(before: Row, row: Row, metric: str) -> list[Change]:
    """Return what differs of two rows; of their metrics' signatures that of the one looked at."""
    return [
        change
        for change in changes(before, row)
        if change.part != "metric" or change.name == f"signature of {metric}"
    ]
