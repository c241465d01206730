"""The main job from end to end: a suite, a roster and a folder in, a leaderboard out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.command.locations import recorded_location
from harness.environment import environment
from harness.errors import UsageError
from harness.files import write_atomically, write_lines
from harness.leaderboard.assembly import assemble_leaderboard, primary_metrics
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.prediction_lines import RowKey, prediction_lines
from harness.leaderboard.rows import model_row
from harness.metrics.canaries import check_canaries
from harness.models.checkpoint.checkpoint import thread_count
from harness.models.roster.prompt_variants import prompt_variants, prompts_of
from harness.models.roster.roster import Entry, choose, read_rosters, refuse_missing
from harness.progress import note, progress_bar
from harness.prompting.fewshot import refuse_contaminated_shots
from harness.records import SCOPES, TASKS, Example, Scope, ScoredPrediction, Task
from harness.run.contamination import contaminating_data_sets, refuse_contaminated
from harness.run.predict import Predicted, predict
from harness.run.scoring import score, suite_metrics
from harness.run.store import Store
from harness.suite.opening import open_suite
from harness.suite.selection import Selection, refuse_unknown_examples

ALL_EXAMPLES = Selection()

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm


@dataclass(frozen=True)
class Evaluation:
    """A finished run: the leaderboard, its file, and a line for each row that has failures."""

    leaderboard: Leaderboard
    path: Path
    failures: list[str]


def evaluate(
    suite_name: str | Path | None = None,
    rosters: Sequence[str | Path] | None = None,
    models: Sequence[str] | None = None,
    tasks: Sequence[Task] = TASKS,
    selection: Selection = ALL_EXAMPLES,
    out: Path = Path("results"),
    prompts: Sequence[str] | None = None,
    prompt_folder: Path | None = None,
    allow_trained_on: bool = False,
    floors: bool = True,
) -> Evaluation:
    """Run the models on the suite and write `leaderboard.json` and `predictions.jsonl`.

    `suite_name` is as `harness.command.locations` has it, `rosters` as `read_rosters` takes them;
    `models` are names and patterns of names. With `prompts`, each prompted model runs once under
    each of those that are named; they are looked for in `prompt_folder` first. The shipped floors
    run too, unless `floors` is false. What `out` has already is not predicted again. Everything
    that can be wrong with the input is found before the first model runs, and raised as a
    HarnessError. So is a model that was trained on the suite, unless `allow_trained_on`: then its
    row says so.
    """
    suite = open_suite(suite_name)
    refuse_unknown_examples(selection, suite)
    chosen_entries = choose(read_rosters(rosters, prompt_folder), models)
    if prompts is not None:
        chosen_entries = prompt_variants(chosen_entries, prompts, tasks)
    refuse_contaminated_shots(
        [prompt for entry in chosen_entries for prompt in prompts_of(entry.model).values()], suite
    )
    examples = {
        (task, scope): task_examples
        for task in tasks
        if any(task in entry.tasks for entry in chosen_entries)
        for scope in SCOPES
        if (task_examples := selection.examples_of(suite, task, scope))
    }
    if not examples:
        raise UsageError(
            "nothing to run: no chosen model can do a chosen task on a chosen example of this suite"
        )
    entries = _with_floors(chosen_entries) if floors else _without_floors(chosen_entries)
    jobs = [
        (entry, task, scope) for entry in entries for task, scope in examples if task in entry.tasks
    ]
    if not allow_trained_on:
        refuse_contaminated((entry for entry, _, _ in jobs), suite)
    refuse_missing([entry for entry in entries if any(task in entry.tasks for task, _ in examples)])
    for entry, task, _ in jobs:
        entry.model.identity(task)  # wrong weights are raised here
    primary_metrics(suite)  # and a metric that there is not
    families = {task: suite_metrics(suite, task) for task, _ in examples}
    for task, family in families.items():
        check_canaries(task, family)
    for entry in entries:
        if entry.model.network:
            note(f"{entry.name} {entry.model.network}")
    run_environment = environment(thread_count())
    rows: list[Row] = []
    scored: dict[RowKey, Sequence[ScoredPrediction]] = {}
    rules = suite.data.rules if suite.data else "2.0"
    path = out / "leaderboard.json"
    with Store(out / "predictions.sqlite") as store:
        for entry in entries:
            for (task, scope), task_examples in examples.items():
                if task not in entry.tasks:
                    continue
                started = time.perf_counter()
                predictions, kept = _predict(entry, task_examples, store, run_environment)
                seconds = time.perf_counter() - started
                scored[entry.name, task, scope] = row_scored = score(predictions, families[task])
                row = model_row(entry, row_scored, families[task].signatures, rules)
                if kept < row.counts.expected:
                    note(_finished_text(row, kept, seconds))
                rows.append(
                    row.model_copy(update={"trained_on": contaminating_data_sets(entry, suite)})
                )
            entry.model.unload()
        board, scored_by_row = assemble_leaderboard(
            suite,
            selection,
            recorded_location(suite_name, out),
            examples,
            rows,
            scored,
            run_environment,
        )
        predictions_sha256 = write_lines(
            out / "predictions.jsonl", prediction_lines(board, scored_by_row)
        )
        board = board.model_copy(update={"predictions_sha256": predictions_sha256})
        write_atomically(path, board.to_json())
        failures = [
            _failure_text(row, scored[row.model, row.task, row.scope])
            for row in board.rows
            if row.counts.error
        ]
    return Evaluation(board, path, failures)


def _with_floors(chosen_entries: Sequence[Entry]) -> list[Entry]:
    """Return the chosen models and the shipped floors: without a floor no score says much."""
    names = {entry.name for entry in chosen_entries}
    floors = [
        entry
        for entry in read_rosters().values()
        if entry.model.role == "floor" and entry.name not in names
    ]
    return [*floors, *chosen_entries]


def _without_floors(chosen_entries: Sequence[Entry]) -> list[Entry]:
    """Return the chosen models; raise UsageError if all of them are floors."""
    entries = [entry for entry in chosen_entries if entry.model.role != "floor"]
    if not entries:
        raise UsageError("--no-floors: all chosen models are floors; leave it out")
    return entries


def _predict(
    entry: Entry, examples: Sequence[Example], store: Store, run_environment: Mapping[str, object]
) -> tuple[Sequence[Predicted], int]:
    """Predict with a progress bar, if there is anything to predict; return how many were there."""
    bar: tqdm[NoReturn] | None = None
    kept = 0

    def progress(done: int, total: int) -> None:
        nonlocal bar, kept
        if bar is None:
            kept = done
            suffix = _scope_suffix(examples[0].article.scope)
            description = f"{entry.name} {examples[0].query.task}{suffix}"
            bar = progress_bar(total, description, "example", done)
        bar.update(done - bar.n)

    try:
        return predict(entry.model, examples, store, run_environment, progress), kept
    finally:
        if bar is not None:
            bar.close()


def _finished_text(row: Row, kept: int, seconds: float) -> str:
    """Return what became of a row's predictions: what a log has of a long run."""
    counts = row.counts
    from_before = f", {kept} kept from before" if kept else ""
    return (
        f"{row.model} {row.task}{_scope_suffix(row.scope)}: {counts.expected - kept} predicted"
        f"{from_before}, {counts.error} failed, {seconds:.1f} s"
    )


def _scope_suffix(scope: Scope) -> str:
    return ": event" if scope == "event" else ""


def _failure_text(row: Row, scored: Sequence[ScoredPrediction]) -> str:
    first_failed = next(item for item in scored if item.prediction.error)
    name = f"{row.model} {row.task}{_scope_suffix(row.scope)}"
    counts = row.counts
    return (
        f"{name}: {counts.error} of {counts.expected} predictions failed and are in no mean; "
        f"{first_failed.example.id}: {first_failed.prediction.error}; run again to try them again"
    )
