"""The check of a run against its own predictions, its store and the goldens."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from pydantic import TypeAdapter

from harness.compare.changes import rescoring_hint, signature_changes
from harness.errors import UsageError
from harness.leaderboard.code_lines import recorded_code
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.prediction_lines import (
    PredictionLine,
    RepeatLine,
    prediction_lines,
)
from harness.leaderboard.run_folder import PREDICTIONS, STORE, Run, read_run
from harness.records import Prediction
from harness.run.store import Store
from harness.verify.difference import Difference, content_by_name, differences
from harness.verify.judgments import judgment_differences, judgment_store_differences
from harness.verify.rebuild import RebuiltRun, rebuild
from harness.verify.reference import check_by_reference

_PREDICTION = TypeAdapter(Prediction)


@dataclass(frozen=True)
class Verification:
    """What was recomputed, where it differs, and what could not be looked at."""

    path: str
    rows: int
    predictions: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    judgments: int = 0


def verify(
    path: Path,
    suite_name: str | Path | None = None,
    reference: bool = False,
    *,
    allow_code: bool = False,
) -> Verification:
    """Recompute a run's leaderboard and predictions' scores, and say where they differ.

    With `reference`, the package rouge-score computes the default ROUGE too, and a note says how
    much of it differs. `allow_code` runs the files of metrics that are none of this package.
    Raises DataError for what is no run or no suite, UsageError for a suite of another name and
    hash and for code that is not allowed, StoreError for a broken store.
    """
    run = read_run(path, altered=True)
    suite = run.suite(suite_name)
    if suite.id != run.board.suite.id and suite.hash != run.board.suite.hash:
        raise UsageError(
            f"{path}: was run on the suite {run.board.suite.id!r}, and this is {suite.id!r}; "
            "name its folder with --suite"
        )
    own = recorded_code(run.board, run.folder, allow_code=allow_code)
    rebuilt = rebuild(run, suite, own)
    found_differences = [
        Difference(PREDICTIONS, problem, "nothing of the kind") for problem in rebuilt.problems
    ]
    found_differences += [
        difference for row in run.board.rows for difference in _identity_differences(row)
    ]
    found_differences += _line_differences(run, rebuilt)
    found_differences += judgment_differences(run, rebuilt.judgments)
    stated = run.board
    board = rebuilt.board.model_copy(
        update={
            "predictions_sha256": stated.predictions_sha256 and run.lines_sha256,
            "judgments_sha256": stated.judgments_sha256 and run.judgments_sha256,
            "content_sha256": stated.content_sha256 and run.board_sha256,
            # Of the metrics and not of the run: what was known of them when it was made.
            "metrics": {
                name: line.model_copy(
                    update={
                        "agreement": stated.metrics[name].agreement,
                        "code": stated.metrics[name].code,
                    }
                )
                if name in stated.metrics
                else line
                for name, line in rebuilt.board.metrics.items()
            },
        }
    )
    found_differences += differences("", content_by_name(stated), content_by_name(board))
    notes = _rescoring_notes(stated, rebuilt.board)
    if reference:
        check = check_by_reference(rebuilt)
        found_differences += check.differences
        notes.append(str(check))
    if stated.predictions_sha256 is None:
        notes.append(
            "the leaderboard has no hash of its predictions: a text that was changed without any "
            "score changing would go unseen"
        )
    if stated.content_sha256 is None:
        notes.append(
            "the leaderboard has no hash of itself: what cannot be recomputed, such as names and "
            "costs, may have been changed"
        )
    if (run.folder / STORE).is_file():
        found_differences += _store_differences(run, rebuilt)
        found_differences += judgment_store_differences(run)
    elif run.verb == "eval":
        notes.append(f"there is no {STORE} beside it to hold the predictions against")
    return Verification(
        str(path),
        len(run.board.rows),
        len(run.lines),
        tuple(dict.fromkeys(found_differences)),
        tuple(notes),
        len(run.judgments),
    )


def _rescoring_notes(stated: Leaderboard, rebuilt: Leaderboard) -> list[str]:
    """Return a note for each rule of which another version scored the run."""
    rows = {(row.model, row.task, row.scope): row for row in rebuilt.rows}
    hints = [
        rescoring_hint(signature_changes(name, row, rows[row.model, row.task, row.scope]))
        for row in stated.rows
        if (row.model, row.task, row.scope) in rows
        for name in row.metrics.keys() & rows[row.model, row.task, row.scope].metrics.keys()
    ]
    return sorted({hint for hint in hints if hint})


def _identity_differences(row: Row) -> Iterator[Difference]:
    """Yield where a row says of its model what its identity, part of every key, does not say."""
    where = f"rows.{row.model} {row.task} {row.scope}"
    claims: dict[str, tuple[object, object]] = {"kind": (row.kind, row.identity.get("kind"))}
    claims["weights"] = (row.weights, row.identity.get("weights"))
    if "prompt" in row.identity:
        stated = row.prompt.sha256 if row.prompt else None
        claims["prompt.sha256"] = (stated, row.identity["prompt"])
    for name, (stored, proven) in claims.items():
        yield from differences(f"{where}.{name}", stored, proven)


def _line_differences(run: Run, rebuilt: RebuiltRun) -> Iterator[Difference]:
    """Yield where a line is other than what would be written of its text today."""
    rebuilt_lines = (json.loads(line) for line in prediction_lines(rebuilt.board, rebuilt.scored))
    for line, rebuilt_line in zip_longest(run.lines, rebuilt_lines):
        if line is None or rebuilt_line is None or line.name != _line_name(rebuilt_line):
            yield from _line_differences_by_name(run, rebuilt)
            return
        yield from _differences_of_line(line, rebuilt_line)


def _line_differences_by_name(run: Run, rebuilt: RebuiltRun) -> Iterator[Difference]:
    """Yield the same of a file whose lines are not in order, or too few, or too many."""
    rebuilt_lines = {
        _line_name(line): line
        for line in map(json.loads, prediction_lines(rebuilt.board, rebuilt.scored))
    }
    for line in run.lines:
        if line.name in rebuilt_lines:
            yield from _differences_of_line(line, rebuilt_lines[line.name])
    order = list(rebuilt_lines)
    stored = [line.name for line in run.lines]
    for name in dict.fromkeys(order).keys() - set(stored):  # an oracle's: all others are missed
        yield Difference(PREDICTIONS, f"no line of {' '.join(map(str, name))}", "one of each")
    if order != stored and set(order) == set(stored):
        yield Difference(PREDICTIONS, "lines in another order", "the leaderboard's order")


def _differences_of_line(
    line: PredictionLine, rebuilt_line: Mapping[str, object]
) -> Iterator[Difference]:
    where = f"{PREDICTIONS}: {' '.join(line.name)}"
    return differences(where, line.content(), rebuilt_line)


def _line_name(content: Mapping[str, object]) -> tuple[object, object, object]:
    return content["model"], content["task"], content["example"]


def _store_differences(run: Run, rebuilt: RebuiltRun) -> Iterator[Difference]:
    """Yield where the lines say other than the store that they were written from."""
    with Store(run.folder / STORE, read_only=True) as store:
        for (model, task, _), lines in rebuilt.lines.items():
            for line in lines:
                for part in line.parts:
                    where = f"{STORE}: {model} {task} {line.example}"
                    where += f" repeat {part.repeat}" if line.repeats else ""
                    yield from _part_differences(store, part, where)


def _part_differences(store: Store, part: RepeatLine, where: str) -> Iterator[Difference]:
    stored = store.get([part.key]).get(part.key)
    if stored is None:
        yield Difference(where, "no intact prediction of this key", part.key)
        return
    stored_prediction = replace(stored.prediction, seconds=0.0, peak_memory=0, batch=None)
    yield from differences(
        where, _prediction_json(stored_prediction), _prediction_json(part.prediction)
    )


def _prediction_json(prediction: Prediction) -> object:
    return _PREDICTION.dump_python(prediction, mode="json")
