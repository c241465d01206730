"""Rows of models to the whole leaderboard: what `harness eval` writes and `verify` rebuilds."""

from collections.abc import Mapping, Sequence

from harness.board import leaderboard, primary_metrics
from harness.leaderboard import Leaderboard, Row
from harness.metrics import metrics
from harness.metrics.ceiling import ORACLE, PEOPLE
from harness.records import Example, Scope, Scored, Task
from harness.rows import oracle_row, people_row, with_shares
from harness.standings import standings
from harness.suite.suite import Suite
from harness.tables import RowName


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
