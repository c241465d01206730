"""A leaderboard made anew from the lines of its predictions and the suite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.assembly import assemble
from harness.errors import MetricError
from harness.leaderboard import Leaderboard, Row
from harness.metrics import metrics
from harness.records import SCOPES, TASKS, Example, Prediction, Scope, Scored, Step, Task
from harness.rows import measured
from harness.runs import Line, Run
from harness.store import key
from harness.suite import Suite
from harness.tables import RowName

# What is unknown of the examples: where they are scored does not matter to what is compared.
NOWHERE: Mapping[str, object] = {}

Group = tuple[Task, Scope]


@dataclass(frozen=True)
class Rebuilt:
    """The leaderboard as it should be, each row's scored predictions, and what did not fit in."""

    board: Leaderboard
    scored: Mapping[RowName, Sequence[Scored]]
    unfit: tuple[str, ...]


def rebuild(run: Run, suite: Suite) -> Rebuilt:
    """Return the leaderboard that follows from a run's lines, its claims and the suite.

    Taken over from the run: which rows there are, what they say of their models (which the keys
    prove), and costs. Made anew: keys, scores, the oracle, people, and all numbers.
    """
    limit = run.board.suite.limit
    examples: dict[Group, list[Example]] = {
        (task, scope): found
        for task in TASKS
        if task in run.board.primary
        for scope in SCOPES
        if (found := suite.examples(task, scope, limit))
    }
    places = {(task, e.id): scope for (task, scope), some in examples.items() for e in some}
    lines: dict[RowName, dict[str, Line]] = {}
    unfit = []
    for line in run.lines:
        scope = places.get((line.task, line.example))
        if scope is None:
            unfit.append(f"{line.model} {line.task}: {line.example} is no example of the suite")
        else:
            lines.setdefault((line.model, line.task, scope), {})[line.example] = line
    rows: list[Row] = []
    scored: dict[RowName, list[Scored]] = {}
    for row in run.board.rows:
        if row.role in ("oracle", "people"):
            continue
        name = (row.model, row.task, row.scope)
        asked = examples.get((row.task, row.scope), [])
        said = lines.get(name, {})
        unfit += [f"{_told(name)}: {e.id} has no prediction" for e in asked if e.id not in said]
        if not said:
            continue
        scored[name] = [_scored(row, e, said[e.id], unfit) for e in asked if e.id in said]
        rows.append(measured(row, scored[name], metrics(row.task).signatures))
    board, told = assemble(suite, limit, examples, rows, scored, NOWHERE)
    unfit += [f"{_told(name)}: has predictions and no row" for name in lines if name not in told]
    return Rebuilt(board, told, tuple(unfit))


def _scored(row: Row, example: Example, line: Line, unfit: list[str]) -> Scored:
    made = Prediction(
        text=line.text,
        raw=line.text if line.raw is None else line.raw,
        rendered_sha256=line.rendered_sha256,
        source_tokens=line.source_tokens,
        kept_tokens=line.kept_tokens,
        output_tokens=line.output_tokens,
        error=line.error,
        dropped=line.dropped,
        steps=tuple(Step(**step.model_dump()) for step in line.steps),
    )
    try:
        scores = {} if made.error else metrics(row.task).score(made.text, example.references)
    except MetricError as error:
        unfit.append(f"{row.model} {row.task}: {example.id} cannot be scored: {error}")
        scores = dict(line.scores)
    return Scored(example, key(row.identity, example.query), made, False, scores)


def _told(name: RowName) -> str:
    return " ".join(name)
