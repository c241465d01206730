"""The same asked several times, of models that may answer otherwise each time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.models.model import Model
from harness.records import Example
from harness.run.predict import Predicted, Progress, Turn
from harness.run.store import Store
from harness.stream import Stream, read_from


def times_asked(model: Model, repeats: int) -> int:
    """Return how often a model is asked the same: once if it always says the same."""
    return repeats if model.varies else 1


def row_turns(
    model: Model,
    examples: Sequence[Example],
    store: Store,
    environment: Mapping[str, object],
    progress: Progress,
    repeats: int = 1,
) -> Iterator[Turn]:
    """Yield the turns that a row is made of, one for each time that the model is asked.

    All examples are to be asked once before any is asked again, so that a run that is stopped has
    whole repeats; what is stored is not asked again. `progress` counts each time that an example
    is asked; for the rest see `Turn`.
    """
    times = times_asked(model, repeats)
    total = times * len(examples)
    for number in range(1, times + 1):

        def repeat_progress(done: int, _: int, before: int = (number - 1) * len(examples)) -> None:
            progress(before + done, total)

        yield Turn(model, examples, store, environment, repeat_progress, number)


def row_predictions(turns: Sequence[Turn]) -> Sequence[Predicted]:
    """Return one prediction for each example, with its repeats, once the turns are over."""
    return with_repeats([turn.predictions for turn in turns])


def with_repeats(runs: Sequence[Sequence[Predicted]]) -> Sequence[Predicted]:
    """Return what was predicted each time that examples were asked as one sequence."""
    if len(runs) == 1:
        return runs[0]

    def read(start: int) -> Iterator[Predicted]:
        return map(combined, zip(*(read_from(run, start) for run in runs), strict=True))

    return Stream(len(runs[0]), read)


def combined(parts: Sequence[Predicted]) -> Predicted:
    """Return what was predicted of one example several times as one prediction with its repeats.

    It is the first that did not fail, or the first.
    """
    ordered = sorted(parts, key=lambda part: part.number)
    whole = [part for part in ordered if part.stored.prediction.error is None]
    first = (whole or ordered)[0]
    return replace(first, repeats=tuple(part for part in ordered if part is not first))
