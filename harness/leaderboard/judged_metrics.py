"""Which metrics of runs may be judged: compared, held against a baseline, planned for."""

from collections.abc import Sequence

from harness.errors import UsageError, did_you_mean
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.run_folder import Run
from harness.metrics.declaration import Declaration
from harness.records import SCOPES, Scope

# Between the name of a metric and the scope of the rows that it is judged of.
AT = "@"


def metric_and_scope(name: str) -> tuple[str, Scope | None]:
    """Return the metric of a name, and the scope if it has one; raise ValueError for another.

    >>> metric_and_scope("f1"), metric_and_scope("f1@event")
    (('f1', None), ('f1', 'event'))
    """
    metric, at, scope = name.partition(AT)
    if not at:
        return name, None
    for known in SCOPES:
        if scope == known:
            return metric, known
    raise ValueError(f"there is no scope {scope!r}, only {' and '.join(SCOPES)}")


def judged_declaration(option: str, name: str, runs: Sequence[Run]) -> Declaration:
    """Return what a metric says of itself in runs that have it and may be judged by it.

    `name` may have a scope; people's rows do not count. Raises UsageError, in the name of a
    command's option, for a metric that all runs lack, one that is only shown, and one that one of
    them lacks, or has of no row of the scope.
    """
    metric, scope = metric_and_scope(name)
    known = {other: line for run in runs for other, line in _declared(run.board).items()}
    judged = [other for other, declaration in known.items() if declaration.role != "shown"]
    if metric not in known:
        where = "this run" if len(runs) == 1 else "these runs"
        raise UsageError(f"{option}: no metric {metric!r} in {where}{did_you_mean(metric, judged)}")
    if metric not in judged:
        raise UsageError(
            f"{option}: {metric} is only shown, so that nothing is judged by it; there are "
            f"{', '.join(judged)}"
        )
    for run in runs:
        if metric not in _declared(run.board):
            raise UsageError(
                f"{option}: {run.folder} was scored without {metric}; `harness eval` again, as "
                "that run was made, scores its stored predictions anew without a model"
            )
        if scope is not None and metric not in _declared(run.board, scope):
            raise UsageError(f"{option}: {run.folder} has no row of {scope}s with {metric}")
    return known[metric]


def _declared(board: Leaderboard, scope: Scope | None = None) -> dict[str, Declaration]:
    return {
        name: board.metrics[name].declaration
        for row in board.rows
        if row.role != "people" and scope in (None, row.scope)
        for name in row.metrics
    }
