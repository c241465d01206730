"""A model's turn in a run: its predictions, with a bar while it has them and a line when done."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import CostLimitError
from harness.eval.jobs import Jobs
from harness.leaderboard.prediction_lines import RowKey
from harness.models.roster.roster import Entry
from harness.progress import progress_bar, say
from harness.records import Example, Scope
from harness.run.predict import Predicted, Progress
from harness.run.repeats import predict_repeats, times_asked
from harness.run.store import Store

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm


def predicted_rows(
    jobs: Jobs, store: Store, run_environment: Mapping[str, object], repeats: int
) -> dict[RowKey, Sequence[Predicted]]:
    """Return the predictions of all models of a run, by row; raise CostLimitError."""
    predictions: dict[RowKey, Sequence[Predicted]] = {}
    for entry in jobs.entries:
        for task, scope, examples in jobs.of(entry):
            predictions[entry.name, task, scope] = predicted_row(
                entry, examples, store, run_environment, repeats
            )
        entry.model.unload()
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
    with shown_progress(row_name, "example", asked) as progress:
        predictions, kept = predict_repeats(
            entry.model, examples, store, run_environment, progress, repeats
        )
    seconds = time.perf_counter() - started
    if kept < asked:
        parts = (part for item in predictions for part in (item, *item.repeats))
        failed = sum(part.stored.prediction.error is not None for part in parts)
        say(finished_text(row_name, "predicted", asked, kept, failed, seconds))
    return predictions


@contextmanager
def shown_progress(name: str, unit: str, total: int) -> Iterator[Progress]:
    """Yield what draws a bar of what is done; a CostLimitError says what is lacking."""
    bar: tqdm[NoReturn] | None = None
    done_before = 0

    def progress(done: int, total: int) -> None:
        nonlocal bar, done_before
        if bar is None:
            bar = progress_bar(total, name, unit, done)
        done_before = done
        bar.update(done - bar.n)

    try:
        yield progress
    except CostLimitError as error:
        raise CostLimitError(
            f"{error}; {name} lacks {total - done_before:,} of {total:,}"
        ) from None
    finally:
        if bar is not None:
            bar.close()


def finished_text(name: str, done: str, asked: int, kept: int, failed: int, seconds: float) -> str:
    """Return what became of a row's predictions: what a log has of a long run."""
    from_before = f", {kept} kept from before" if kept else ""
    return f"{name}: {asked - kept} {done}{from_before}, {failed} failed, {seconds:.1f} s"


def scope_suffix(scope: Scope) -> str:
    """Return what tells a row of events from one of articles."""
    return ": event" if scope == "event" else ""
