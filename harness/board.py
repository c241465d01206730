"""Rows to a leaderboard: sorted, with what was run and where."""

from collections.abc import Iterable, Mapping

from harness.leaderboard import (
    SCHEMA_VERSION,
    ComparisonLine,
    Leaderboard,
    PowerLine,
    Row,
    SuiteLine,
    primary_metrics,
)
from harness.metrics import PRIMARY
from harness.records import SCOPES, TASKS, Task
from harness.suite import Suite


def leaderboard(
    suite: Suite,
    limit: int | None,
    environment: Mapping[str, object],
    rows: Iterable[Row],
    comparisons: Iterable[ComparisonLine] = (),
    power: Iterable[PowerLine] = (),
) -> Leaderboard:
    """Return the leaderboard of a suite, its rows sorted."""
    line = SuiteLine(id=suite.id, hash=suite.hash, limit=limit)
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
