"""Rows of models to the whole leaderboard: what `harness eval` writes and `verify` rebuilds."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from harness.errors import DataError, nearest
from harness.leaderboard.leaderboard import (
    SCHEMA_VERSION,
    ComparisonLine,
    DataLine,
    Leaderboard,
    PowerLine,
    Row,
    SuiteLine,
)
from harness.leaderboard.prediction_lines import RowName
from harness.leaderboard.ranking import standings
from harness.leaderboard.rows import oracle_row, people_row, with_shares
from harness.metrics import PRIMARY, metrics
from harness.metrics.ceiling import ORACLE, PEOPLE
from harness.records import SCOPES, TASKS, Example, Scope, Scored, Task
from harness.suite.suite import Suite


def assemble(
    suite: Suite,
    limit: int | None,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    rows: Sequence[Row],
    scored: Mapping[RowName, Sequence[Scored]],
    environment: Mapping[str, object],
) -> tuple[Leaderboard, dict[RowName, Sequence[Scored]]]:
    """Return the leaderboard, and the scored predictions of each row that has some.

    `rows` and `scored` are the models' and floors'; the oracle and people are added, then shares,
    intervals, ranks and comparisons. Raises DataError for a primary metric that there is not.
    """
    everyone = list(rows)
    said = dict(scored)
    by_people: dict[RowName, Sequence[Scored]] = {}  # scores of no predictions
    for (task, scope), asked in examples.items():
        if task == "summarize":
            family = metrics(task)
            oracle, said[ORACLE, task, scope] = oracle_row(asked, family, environment)
            everyone.append(oracle)
            if people := people_row(asked, family, environment):
                everyone.append(people[0])
                by_people[PEOPLE, task, scope] = people[1]
    placed = standings(with_shares(everyone), {**said, **by_people}, primary_metrics(suite))
    board = leaderboard(suite, limit, environment, placed.rows, placed.comparisons, placed.power)
    return board, said


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
