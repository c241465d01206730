"""Shards to a run: their stores united, what is missing told, and all of it scored as one."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.command.data_choice import NOTHING_CHOSEN
from harness.command.locations import is_data_set, located_from, recorded_location
from harness.environment import environment, thread_count
from harness.errors import DataError, StoreError, UsageError
from harness.eval.finished_run import Evaluation, FinishedRun
from harness.eval.jobs import Jobs
from harness.eval.metric_choice import choose_metrics
from harness.eval.outputs import Outputs
from harness.eval.predicting import chosen_by_oracle
from harness.eval.shards.shard_file import ShardFile
from harness.files import make_folder
from harness.judging.reader import ChosenReader
from harness.leaderboard.prediction_lines import RowKey
from harness.leaderboard.run_folder import LEADERBOARD, STORE
from harness.merge.missing import Missing
from harness.merge.opinions import MergedRun, stored_opinions
from harness.merge.parts import Parts, read_parts
from harness.metrics.options import USUAL
from harness.progress import note, progress_bar, warn
from harness.records import Example, Scope, Task
from harness.run.predict import Predicted, stored_predictions
from harness.run.repeats import with_repeats
from harness.run.store import Store
from harness.run.uniting import unite
from harness.suite.opening import open_suite
from harness.suite.suite import Suite

_RETRY = "run the shards in which they are again, and merge anew"


def merge(
    folders: Sequence[Path],
    out: Path,
    suite_name: str | None = None,
    allow_missing: bool = False,
    stores_only: bool = False,
) -> Evaluation | None:
    """Write the run that shards are of, as one process would have; return it.

    With `stores_only` the stores are united, to be merged again, nothing is scored, and `None` is
    returned. The folders are only read; where anything is wrong, nothing is written. With
    `allow_missing` what was not predicted counts as failed. `suite_name` says where the suite is,
    if not where the first folder says. Raises UsageError for what cannot be merged and for an `out`
    that is there, DataError for shards that do not fit, another suite, and what is missing;
    StoreError for a store that cannot be read, and for two texts where there can be but one.
    """
    if os.path.lexists(out):
        raise UsageError(f"{out}: is there already; choose another folder with --out")
    parts = read_parts(folders)
    if parts.absent and not (allow_missing or stores_only):
        raise DataError(
            f"the shards {parts.absent_name} are missing: run them, and name their folders too; "
            "--allow-missing counts what they lack as failed, and --stores-only unites a part that "
            "is merged again"
        )
    file = _file_in(out, parts, suite_name)
    make_folder(out.absolute().parent)
    new = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        new.mkdir()
        _unite(parts, new / STORE)
        file.write(new)
        evaluation = None if stores_only else _score(file, new, out, allow_missing)
        new.rename(out)
    except OSError as error:
        raise StoreError(f"{out}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return replace(evaluation, path=out / LEADERBOARD) if evaluation else None


def _file_in(out: Path, parts: Parts, suite_name: str | None) -> ShardFile:
    """Return what the shards say of themselves, as seen from another folder."""
    file = parts.file
    name = suite_name or located_from(str(file.suite.location), parts.folders[0])
    line = file.suite.model_copy(update={"location": recorded_location(name, out)})
    return file.model_copy(update={"suite": line})


def _unite(parts: Parts, path: Path) -> None:
    stores = [folder / STORE for folder in parts.folders]
    with progress_bar(None, "uniting", "prediction") as bar:
        united = unite(stores, path, bar.update)
    for store, count in united.damaged.items():
        warn(
            f"{store}: the disk has changed {count:,} of the stored predictions since they were "
            "written (their checksums differ); they count as not there"
        )
    if united.differing:
        note(
            f"{united.differing:,} predictions have another text in another shard, which may be "
            "where they are not in float32 or not of one kind of place; the first stands"
        )


def _score(file: ShardFile, folder: Path, out: Path, allow_missing: bool) -> Evaluation:
    suite = _opened_suite(file, out)
    selection = file.suite.selection
    examples = selection.by_kind(suite, {model.task for model in file.models})
    jobs = Jobs(suite, (), examples, ChosenReader())
    chosen = file.metric_options.options if file.metric_options else USUAL
    options, families = choose_metrics(jobs, chosen)
    missing = Missing(file.shards, file.count, allow_missing)
    with Store(folder / STORE) as store:
        predictions = _predictions(file, examples, store, missing)
        oracles = chosen_by_oracle(examples, options)
        outputs = Outputs(suite, examples, options, predictions, oracles)
        return FinishedRun(
            outputs,
            selection,
            str(file.suite.location),
            families,
            environment(thread_count()),
            file.models,
            stored_opinions(MergedRun(file, outputs, store, missing)),
        ).write(folder, _RETRY)


def _opened_suite(file: ShardFile, out: Path) -> Suite:
    """Return the suite that was run; raise DataError if it has changed since."""
    name = located_from(str(file.suite.location), out)
    data = file.suite.data
    suite = open_suite(name, data.choice if data and is_data_set(name) else NOTHING_CHOSEN)
    if suite.hash != file.suite.hash:
        raise DataError(
            f"{name}: is not what the shards were run on: its articles or goldens have changed; "
            "put them back, name the suite with --suite, or run the shards again"
        )
    return replace(suite, id=file.suite.id, chosen_primary=file.suite.primary or {})


def _predictions(
    file: ShardFile,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    store: Store,
    missing: Missing,
) -> dict[RowKey, Sequence[Predicted]]:
    """Return the predictions by row; raise DataError for what is missing."""
    predictions: dict[RowKey, Sequence[Predicted]] = {}
    for model in file.models:
        numbers = range(1, file.repeats[model.model] + 1)
        for (task, scope), asked in examples.items():
            if task != model.task:
                continue
            for number in numbers:
                missing.look(asked, model.identity, store, number)
            runs = [
                stored_predictions(asked, model.identity, store, bytes(len(asked)), number)
                for number in numbers
            ]
            predictions[model.model, task, scope] = with_repeats(runs)
    missing.tell("predictions")
    return predictions
