"""Rows to a leaderboard: sorted, with what was run and where."""

import dataclasses
from collections.abc import Iterable, Mapping

from harness.errors import DataError, nearest
from harness.leaderboard import (
    SCHEMA_VERSION,
    ComparisonLine,
    DataLine,
    Leaderboard,
    PowerLine,
    Row,
    SuiteLine,
)
from harness.metrics import PRIMARY, metrics
from harness.records import SCOPES, TASKS, Task
from harness.suite.suite import Suite


def leaderboard(
    suite: Suite,
    limit: int | None,
    environment: Mapping[str, object],
    rows: Iterable[Row],
    comparisons: Iterable[ComparisonLine] = (),
    power: Iterable[PowerLine] = (),
) -> Leaderboard:
    """Return the leaderboard of a suite, its rows sorted."""
    data = DataLine(**dataclasses.asdict(suite.data)) if suite.data else None
    line = SuiteLine(id=suite.id, hash=suite.hash, limit=limit, data=data)
    return ranked(line, environment, rows, comparisons, power, primary_metrics(suite))


def ranked(
    suite: SuiteLine,
    environment: Mapping[str, object],
    rows: Iterable[Row],
    comparisons: Iterable[ComparisonLine] = (),
    power: Iterable[PowerLine] = (),
    primary: Mapping[Task, str] = PRIMARY,
) -> Leaderboard:
    """Return the leaderboard of what was run, its rows sorted."""

    def place(one: Row) -> tuple[int, int, float, str]:
        mean = one.metrics[primary[one.task]].mean
        worst_last = -mean if mean is not None else 1.0
        return (TASKS.index(one.task), SCOPES.index(one.scope), worst_last, one.model)

    made = sorted(rows, key=place)
    return Leaderboard(
        schema_version=SCHEMA_VERSION,
        suite=suite,
        primary={task: primary[task] for task in TASKS if any(r.task == task for r in made)},
        environment=dict(environment),
        rows=made,
        comparisons=list(comparisons),
        power=list(power),
    )


def primary_metrics(suite: Suite) -> Mapping[Task, str]:
    """Return the suite's primary metrics by task; raise DataError for one that there is not."""
    for task, name in suite.primary.items():
        known = list(metrics(task).signatures)
        if name not in known:
            raise DataError(
                f"the manifest's primary.{task}: there is no metric {name!r}{nearest(name, known)}"
            )
    return {**PRIMARY, **suite.primary}
