"""The check of a run against its own predictions, its store and the goldens."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from pydantic import TypeAdapter

from harness.errors import UsageError
from harness.files import sha256_file
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.prediction_lines import Line, prediction_lines
from harness.leaderboard.run_folder import PREDICTIONS, STORE, Run, read_run
from harness.records import Prediction
from harness.run.store import Store
from harness.suite.opening import open_suite
from harness.verify.difference import Difference, by_name, differences
from harness.verify.rebuild import Rebuilt, rebuild

_PREDICTION = TypeAdapter(Prediction)


@dataclass(frozen=True)
class Verification:
    """What was recomputed, where it differs, and what could not be looked at."""

    path: str
    rows: int
    predictions: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def verify(path: Path, suite_name: str | Path | None = None) -> Verification:
    """Recompute a run's leaderboard and predictions' scores, and say where they differ.

    Raises DataError for what is no run or no suite, UsageError for a suite of another name and
    hash, StoreError for a broken store.
    """
    run = read_run(path)
    suite = open_suite(suite_name)
    if suite.id != run.board.suite.id and suite.hash != run.board.suite.hash:
        raise UsageError(
            f"{path}: was run on the suite {run.board.suite.id!r}, and this is {suite.id!r}; "
            "name its folder with --suite"
        )
    made = rebuild(run, suite)
    found = [Difference(PREDICTIONS, what, "nothing of the kind") for what in made.unfit]
    found += [one for row in run.board.rows for one in _claims(row)]
    found += _lines(run, made)
    board = made.board
    if run.board.predictions_sha256 is not None:
        written = sha256_file(run.folder / PREDICTIONS)
        board = board.model_copy(update={"predictions_sha256": written})
    found += differences("", by_name(run.board), by_name(board))
    notes = []
    if run.board.predictions_sha256 is None:
        notes.append(
            "the leaderboard has no hash of its predictions: a text that was changed without any "
            "score changing would go unseen"
        )
    if (run.folder / STORE).is_file():
        found += _stored(run, made)
    else:
        notes.append(f"there is no {STORE} beside it to hold the predictions against")
    return Verification(
        str(path), len(run.board.rows), len(run.lines), tuple(dict.fromkeys(found)), tuple(notes)
    )


def _claims(row: Row) -> Iterator[Difference]:
    """Yield where a row says of its model what its identity, part of every key, does not say."""
    where = f"rows.{row.model} {row.task} {row.scope}"
    claims: dict[str, tuple[object, object]] = {"kind": (row.kind, row.identity.get("kind"))}
    claims["weights"] = (row.weights, row.identity.get("weights"))
    if "prompt" in row.identity:
        stated = row.prompt.sha256 if row.prompt else None
        claims["prompt.sha256"] = (stated, row.identity["prompt"])
    for name, (stored, proven) in claims.items():
        yield from differences(f"{where}.{name}", stored, proven)


def _lines(run: Run, made: Rebuilt) -> Iterator[Difference]:
    """Yield where a line is other than what would be written of its text today."""
    fresh = (json.loads(line) for line in prediction_lines(made.board, made.scored))
    for line, new in zip_longest(run.lines, fresh):
        if line is None or new is None or line.name != _name(new):
            yield from _lines_by_name(run, made)
            return
        yield from _line(line, new)


def _lines_by_name(run: Run, made: Rebuilt) -> Iterator[Difference]:
    """Yield the same of a file whose lines are not in order, or too few, or too many."""
    fresh = {
        _name(line): line for line in map(json.loads, prediction_lines(made.board, made.scored))
    }
    for line in run.lines:
        if line.name in fresh:
            yield from _line(line, fresh[line.name])
    order = list(fresh)
    stored = [line.name for line in run.lines]
    if order != stored and set(order) == set(stored):
        yield Difference(PREDICTIONS, "lines in another order", "the leaderboard's order")


def _line(line: Line, new: Mapping[str, object]) -> Iterator[Difference]:
    where = f"{PREDICTIONS}: {' '.join(line.name)}"
    return differences(where, line.content(), new)


def _name(content: Mapping[str, object]) -> tuple[object, object, object]:
    return content["model"], content["task"], content["example"]


def _stored(run: Run, made: Rebuilt) -> Iterator[Difference]:
    """Yield where the lines say other than the store that they were written from."""
    with Store(run.folder / STORE) as store:
        for (model, task, _), lines in made.lines.items():
            for line in lines:
                where = f"{STORE}: {model} {task} {line.example}"
                kept = store.get([line.key]).get(line.key)
                if kept is None:
                    yield Difference(where, "no such key", line.key)
                    continue
                was = replace(kept.prediction, seconds=0.0, peak_memory=0, batch=None)
                yield from differences(where, _json(was), _json(line.prediction))


def _json(made: Prediction) -> object:
    return _PREDICTION.dump_python(made, mode="json")
