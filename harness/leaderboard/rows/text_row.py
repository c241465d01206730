"""The row of texts that no model wrote here: the oracle's, people's, a system's elsewhere."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.leaderboard import Row
from harness.leaderboard.rows.aggregation import RowAggregate
from harness.records import Role, Scope, Task


def text_row(
    name: str,
    role: Role,
    example_kind: tuple[Task, Scope],
    aggregate: RowAggregate,
    identity: Mapping[str, object],
    environments: Sequence[Mapping[str, object]] = (),
) -> Row:
    """Return the row of what was counted of some texts; they cost nothing that is known.

    `identity` has the row's `kind` and all that can change its texts.
    """
    task, scope = example_kind
    return Row(
        model=name,
        role=role,
        task=task,
        scope=scope,
        kind=str(identity["kind"]),
        metrics=aggregate.metric_numbers(),
        counts=aggregate.counts(),
        cut={},
        seconds=0.0,
        tokens_per_second=None,
        peak_memory_bytes=0,
        weights=None,
        weights_bytes=None,
        licence=None,
        prompt=None,
        identity=dict(identity),
        environments=list(map(dict, environments)),
        squad=aggregate.squad,
    )
