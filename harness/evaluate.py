"""The main job from end to end: a suite, a roster and a folder in, a leaderboard out."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from harness.canaries import check
from harness.environment import environment
from harness.errors import UsageError
from harness.files import write_atomically
from harness.leaderboard import Leaderboard, Row, leaderboard, prediction_lines, row
from harness.metrics import metrics
from harness.models.checkpoint import threads
from harness.models.roster import Entry, choose, read_rosters
from harness.predict import Predicted, predict
from harness.records import TASKS, Example, Scored, Task
from harness.scoring import score
from harness.store import Store
from harness.suite import read_suite, shipped


@dataclass(frozen=True)
class Evaluation:
    """A finished run: the leaderboard, its file, and a line for each row that has failures."""

    leaderboard: Leaderboard
    path: Path
    failures: list[str]


def read_roster(rosters: Sequence[Path] | None) -> dict[str, Entry]:
    """Return the entries of the given rosters, or of the one that ships."""
    return read_rosters(rosters or [shipped("models.toml")], shipped("prompts"))


def evaluate(
    suite_folder: Path | None = None,
    rosters: Sequence[Path] | None = None,
    models: Sequence[str] | None = None,
    tasks: Sequence[Task] = TASKS,
    limit: int | None = None,
    out: Path = Path("results"),
) -> Evaluation:
    """Run the models on the suite and write `leaderboard.json` and `predictions.jsonl`.

    What `out` has already is not predicted again. Everything that can be wrong with the input
    is found before the first model runs, and raised as a HarnessError.
    """
    suite = read_suite(suite_folder)
    entries = choose(read_roster(rosters), models)
    examples = {task: suite.examples(task, limit) for task in tasks}
    jobs = [
        (entry, task)
        for entry in entries
        for task in tasks
        if task in entry.tasks and examples[task]
    ]
    if not jobs:
        raise UsageError("nothing to run: no chosen model can do a chosen task of this suite")
    for entry, task in jobs:
        entry.model.identity(task)  # missing or wrong weights are raised here
    for task in {task for _, task in jobs}:
        check(task, metrics(task))
    here = environment(threads())
    rows: list[Row] = []
    scored: dict[tuple[str, Task], list[Scored]] = {}
    with Store(out / "predictions.sqlite") as store:
        for entry in entries:
            for task in (task for one, task in jobs if one is entry):
                made = _predict(entry, examples[task], store, here)
                family = metrics(task)
                scored[entry.name, task] = score(made, family)
                rows.append(row(entry, task, scored[entry.name, task], made, family.signatures))
            entry.model.unload()
    board = leaderboard(suite, limit, here, rows)
    write_atomically(out / "predictions.jsonl", prediction_lines(board, scored))
    path = out / "leaderboard.json"
    write_atomically(path, board.to_json())
    return Evaluation(board, path, [_failure(r, scored[r.model, r.task]) for r in board.rows
                                    if r.counts.error])  # fmt: skip


def _predict(
    entry: Entry, examples: Sequence[Example], store: Store, here: Mapping[str, object]
) -> list[Predicted]:
    """Predict with a progress bar on stderr, if there is anything to predict."""
    bar: tqdm[NoReturn] | None = None

    def progress(done: int, total: int) -> None:
        nonlocal bar
        if bar is None and done < total:
            task = examples[0].query.task
            bar = tqdm(
                total=total, initial=done, desc=f"{entry.name} {task}", unit=" example",
                file=sys.stderr, mininterval=0.2 if sys.stderr.isatty() else 5, dynamic_ncols=True,
            )  # fmt: skip
        elif bar is not None:
            bar.update(done - bar.n)

    try:
        return predict(entry.model, examples, store, here, progress)
    finally:
        if bar is not None:
            bar.close()


def _failure(failed: Row, scored: Sequence[Scored]) -> str:
    first = next(one for one in scored if one.prediction.error)
    return (
        f"{failed.model} {failed.task}: {failed.counts.error} of {failed.counts.expected} "
        f"predictions failed and are in no mean; {first.example.id}: {first.prediction.error}; "
        "run again to try them again"
    )
