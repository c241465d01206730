"""A model's turn in a run: its predictions, with a bar while it has them and a line when done."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import CostLimitError
from harness.eval.jobs import Jobs
from harness.leaderboard.prediction_lines import RowKey
from harness.metrics.ceiling import ORACLE, oracle_texts
from harness.metrics.options import MetricOptions
from harness.models.roster.roster import Entry
from harness.progress import progress_bar, say, tell
from harness.records import Example, Scope, Task
from harness.run.engines.engine import Engine, Job, job_of
from harness.run.predict import Predicted, Turn
from harness.run.repeats import row_predictions, row_turns, times_asked
from harness.run.store import Store

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm


def predicted_rows(
    jobs: Jobs,
    store: Store,
    run_environment: Mapping[str, object],
    repeats: int,
    engine: Engine,
) -> dict[RowKey, Sequence[Predicted]]:
    """Return the predictions of each model's rows; raises what `Engine.carry` and `Turn` do.

    A model that a server is asked for is asked from here, whatever the engine.
    """
    predictions: dict[RowKey, Sequence[Predicted]] = {}
    if engine.together:
        predictions |= _carried_rows(jobs, store, run_environment, repeats, engine)
    for entry in jobs.entries:
        for task, scope, examples in jobs.of(entry):
            if (entry.name, task, scope) not in predictions:
                predictions[entry.name, task, scope] = predicted_row(
                    entry, examples, store, run_environment, repeats
                )
        entry.model.unload()
    return predictions


def _carried_rows(
    jobs: Jobs,
    store: Store,
    run_environment: Mapping[str, object],
    repeats: int,
    engine: Engine,
) -> dict[RowKey, Sequence[Predicted]]:
    """Return the rows that an engine makes together, under one bar."""
    rows: dict[RowKey, list[Turn]] = {}
    carried: list[Job] = []
    total = sum(
        len(examples) * times_asked(entry.model, repeats)
        for entry in jobs.entries
        for _, _, examples in jobs.of(entry)
        if not entry.model.served
    )
    started = time.perf_counter()
    with shown_progress("predicting", "example", total) as progress:
        done: Counter[RowKey] = Counter()
        for entry in jobs.entries:
            for task, scope, examples in jobs.of(entry):
                if entry.model.served:
                    continue
                key = (entry.name, task, scope)

                def row_progress(row_done: int, _: int, key: RowKey = key) -> None:
                    done[key] = row_done
                    progress(done.total(), total)

                rows[key] = list(
                    row_turns(entry.model, examples, store, run_environment, row_progress, repeats)
                )
                carried += [job_of(entry, turn) for turn in rows[key]]
        engine.carry(carried, progress.tell)
    seconds = time.perf_counter() - started
    predictions = {key: row_predictions(turns) for key, turns in rows.items()}
    for key, turns in rows.items():
        name, task, scope = key
        _say_finished(f"{name} {task}{scope_suffix(scope)}", turns, predictions[key], seconds)
    return predictions


def predicted_row(
    entry: Entry,
    examples: Sequence[Example],
    store: Store,
    run_environment: Mapping[str, object],
    repeats: int,
) -> Sequence[Predicted]:
    """Return a model's predictions of the examples of a row, and say so in a line if any was made.

    Raises CostLimitError, which says what the row lacks.
    """
    row_name = f"{entry.name} {examples[0].query.task}{scope_suffix(examples[0].article.scope)}"
    asked = len(examples) * times_asked(entry.model, repeats)
    started = time.perf_counter()
    turns: list[Turn] = []
    with shown_progress(row_name, "example", asked) as progress:
        for turn in row_turns(entry.model, examples, store, run_environment, progress, repeats):
            turn.make()
            turns.append(turn)
    predictions = row_predictions(turns)
    _say_finished(row_name, turns, predictions, time.perf_counter() - started)
    return predictions


def _say_finished(
    row_name: str, turns: Sequence[Turn], predictions: Sequence[Predicted], seconds: float
) -> None:
    """Say what became of a row, if any of it was made."""
    kept = sum(turn.kept_before for turn in turns)
    asked = len(predictions) * len(turns)
    if kept < asked:
        failed = 0
        if any(turn.any_failed for turn in turns):  # else nothing is read: none of before failed
            parts = (part for item in predictions for part in (item, *item.repeats))
            failed = sum(part.stored.prediction.error is not None for part in parts)
        say(finished_text(row_name, "predicted", asked, kept, failed, seconds))


def chosen_by_oracle(
    examples: Mapping[tuple[Task, Scope], Sequence[Example]], options: MetricOptions
) -> Mapping[Scope, Sequence[str]]:
    """Return what the oracle chooses, with a bar while it does: it needs no model, but its time."""
    count = sum(len(chosen) for (task, _), chosen in examples.items() if task == "summarize")
    with progress_bar(count, ORACLE, "example") as bar:
        return oracle_texts(examples, options, bar.update)


class ShownProgress:
    """A bar of what is done, from when that is first known."""

    def __init__(self, name: str, unit: str) -> None:
        """Take what is done, and what it is counted in."""
        self._name, self._unit = name, unit
        self.done = 0
        self._bar: tqdm[NoReturn] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Draw how much is done."""
        if self._bar is None:
            self._bar = progress_bar(total, self._name, self._unit, done)
        self.done = done
        self._bar.update(done - self._bar.n)
        tell(self._name, done, total)

    def tell(self, words: str) -> None:
        """Draw a few words behind it."""
        if self._bar is not None:
            self._bar.set_postfix_str(words)

    def close(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.close()


@contextmanager
def shown_progress(name: str, unit: str, total: int) -> Iterator[ShownProgress]:
    """Yield what draws a bar of what is done; a CostLimitError says what is lacking."""
    shown = ShownProgress(name, unit)
    try:
        yield shown
    except CostLimitError as error:
        raise CostLimitError(f"{error}; {name} lacks {total - shown.done:,} of {total:,}") from None
    finally:
        shown.close()


def finished_text(name: str, done: str, asked: int, kept: int, failed: int, seconds: float) -> str:
    """Return what became of a row's predictions: what a log has of a long run."""
    from_before = f", {kept} kept from before" if kept else ""
    return f"{name}: {asked - kept} {done}{from_before}, {failed} failed, {seconds:.1f} s"


def scope_suffix(scope: Scope) -> str:
    """Return what tells a row of events from one of articles."""
    return ": event" if scope == "event" else ""
