"""A leaderboard made anew from the lines of its predictions and the suite."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, islice

from harness.errors import MetricError
from harness.leaderboard.assembly import assemble
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.prediction_lines import Line, RowName, pick
from harness.leaderboard.rows import measured
from harness.leaderboard.run_folder import Run
from harness.metrics import Metrics
from harness.records import SCOPES, TASKS, Example, Scope, Scored, Task
from harness.run.predict import Predicted
from harness.run.scoring import family_of, score
from harness.run.store import Stored, key
from harness.stream import Stream
from harness.suite.suite import Suite

# What is unknown of the examples: where they are scored does not matter to what is compared.
NOWHERE: Mapping[str, object] = {}

Group = tuple[Task, Scope]
ABSENT = -1


@dataclass(frozen=True)
class Rebuilt:
    """The leaderboard as it should be, each row's scored predictions, and what did not fit in.

    `lines` are those that the scored predictions of models and floors were made from.
    """

    board: Leaderboard
    scored: Mapping[RowName, Sequence[Scored]]
    lines: Mapping[RowName, Sequence[Line]]
    unfit: tuple[str, ...]


def rebuild(run: Run, suite: Suite) -> Rebuilt:
    """Return the leaderboard that follows from a run's lines, its claims and the suite.

    Taken over from the run: which rows there are, what they say of their models (which the keys
    prove), and costs. Made anew: keys, scores, the oracle, people, and all numbers.
    """
    limit = run.board.suite.limit
    examples: dict[Group, Sequence[Example]] = {
        (task, scope): found
        for task in TASKS
        if task in run.board.primary
        for scope in SCOPES
        if (found := suite.examples(task, scope, limit))
    }
    unfit: list[str] = []
    places = _places(run, examples, unfit)
    families = {task: family_of(suite, task) for task, _ in examples}
    rules = suite.data.rules if suite.data else "2.0"
    rows: list[Row] = []
    scored: dict[RowName, Sequence[Scored]] = {}
    lines: dict[RowName, Sequence[Line]] = {}
    for row in run.board.rows:
        if row.role in ("oracle", "people"):
            continue
        name = (row.model, row.task, row.scope)
        asked = examples.get((row.task, row.scope), [])
        at = places.get(name, array("q", [ABSENT]) * len(asked))
        here = bytes(place != ABSENT for place in at)
        unfit += [
            f"{_told(name)}: {one.id} has no prediction"
            for one in (compress(asked, (not there for there in here)) if not all(here) else ())
        ]
        if not any(here):
            continue
        lines[name] = pick(run.lines, (place for place in at if place != ABSENT))
        scored[name] = _scored(row, asked, here, lines[name], families[row.task], unfit)
        rows.append(measured(row, scored[name], families[row.task].signatures, rules))
    board, told = assemble(suite, limit, examples, rows, scored, NOWHERE)
    unfit += [f"{_told(name)}: has predictions and no row" for name in places if name not in told]
    return Rebuilt(board, told, lines, tuple(unfit))


def _places(
    run: Run, examples: Mapping[Group, Sequence[Example]], unfit: list[str]
) -> dict[RowName, "array[int]"]:
    """Return of each row where in the file the line of each of its examples stands, or ABSENT."""
    groups = list(examples)
    known = {
        (task, one.id): (group, place)
        for group, (task, scope) in enumerate(groups)
        for place, one in enumerate(examples[task, scope])
    }
    found: dict[RowName, array[int]] = {}
    for number, line in enumerate(run.lines):
        where = known.get((line.task, line.example))
        if where is None:
            unfit.append(f"{line.model} {line.task}: {line.example} is no example of the suite")
            continue
        task, scope = groups[where[0]]
        name = (line.model, task, scope)
        if name not in found:
            found[name] = array("q", [ABSENT]) * len(examples[task, scope])
        found[name][where[1]] = number
    return found


def _scored(
    row: Row,
    asked: Sequence[Example],
    here: bytes,
    lines: Sequence[Line],
    family: Metrics,
    unfit: list[str],
) -> Sequence[Scored]:
    """Return the lines scored anew; `here` says which of the examples asked have one."""

    def read(start: int) -> Iterator[Predicted]:
        both = zip(compress(asked, here), lines, strict=True)
        for example, line in islice(both, start, None):
            made = Stored(line.prediction, NOWHERE)
            yield Predicted(example, key(row.identity, example.query), made, False)

    def unscorable(place: int, error: MetricError) -> Mapping[str, float]:
        line = lines[place]
        unfit.append(f"{row.model} {row.task}: {line.example} cannot be scored: {error}")
        return line.scores

    return score(Stream(len(lines), read), family, unscorable)


def _told(name: RowName) -> str:
    return " ".join(name)
