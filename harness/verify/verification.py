"""The check of a run against its own predictions, its store and the goldens."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.files import read_text, sha256
from harness.leaderboard import Row
from harness.runs import PREDICTIONS, STORE, Run, parsed_lines, read_run
from harness.store import Store
from harness.suite import read_suite
from harness.tables import prediction_lines
from harness.verify.difference import Difference, by_name, differences
from harness.verify.rebuild import Rebuilt, rebuild


@dataclass(frozen=True)
class Verification:
    """What was recomputed, where it differs, and what could not be looked at."""

    path: str
    rows: int
    predictions: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def verify(path: Path, suite_folder: Path | None = None) -> Verification:
    """Recompute a run's leaderboard and predictions' scores, and say where they differ.

    Raises DataError for what is no run or no suite, UsageError for a suite of another name and
    hash, StoreError for a broken store.
    """
    run = read_run(path)
    suite = read_suite(suite_folder)
    if suite.id != run.board.suite.id and suite.hash != run.board.suite.hash:
        raise UsageError(
            f"{path}: was run on the suite {run.board.suite.id!r}, and this is {suite.id!r}; "
            "name its folder with --suite"
        )
    made = rebuild(run, suite)
    found = [Difference(PREDICTIONS, what, "nothing of the kind") for what in made.unfit]
    found += [one for row in run.board.rows for one in _claims(row)]
    found += _lines(run, made)
    text = read_text(run.folder / PREDICTIONS)
    board = made.board
    if run.board.predictions_sha256 is not None:
        board = board.model_copy(update={"predictions_sha256": sha256(text)})
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
    fresh = {
        (line.model, line.task, line.example): line.model_dump(mode="json")
        for line in parsed_lines(prediction_lines(made.board, made.scored))
    }
    for line in run.lines:
        name = (line.model, line.task, line.example)
        if name in fresh:
            where = f"{PREDICTIONS}: {' '.join(name)}"
            yield from differences(where, line.model_dump(mode="json"), fresh[name])
    order = list(fresh)
    stored = [(line.model, line.task, line.example) for line in run.lines]
    if order != stored and set(order) == set(stored):
        yield Difference(PREDICTIONS, "lines in another order", "the leaderboard's order")


def _stored(run: Run, made: Rebuilt) -> Iterator[Difference]:
    """Yield where the lines say other than the store that they were written from."""
    lines = {(line.model, line.task, line.example): line for line in run.lines}
    roles = {(row.model, row.task, row.scope): row.role for row in run.board.rows}
    with Store(run.folder / STORE) as store:
        for (model, task, scope), scored in made.scored.items():
            if roles.get((model, task, scope)) not in ("model", "floor"):
                continue
            for one in scored:
                line = lines[model, task, one.example.id]
                where = f"{STORE}: {model} {task} {one.example.id}"
                kept = store.get([line.key]).get(line.key)
                if kept is None:
                    yield Difference(where, "no such key", line.key)
                    continue
                was = kept.prediction
                told = {
                    "text": was.text,
                    "raw": was.raw if was.raw != was.text else None,
                    "rendered_sha256": was.rendered_sha256,
                    "source_tokens": was.source_tokens,
                    "kept_tokens": was.kept_tokens,
                    "output_tokens": was.output_tokens,
                    "error": was.error,
                    "dropped": [list(gone) for gone in was.dropped],
                    "steps": [asdict(step) for step in was.steps],
                }
                said = line.model_dump(mode="json")
                for name, value in told.items():
                    yield from differences(f"{where}.{name}", value, said[name])
