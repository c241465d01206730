"""A model asked for a batch: what it gives for each query and what that cost, or why it failed."""

import math
import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from harness.errors import CostLimitError, HarnessError, ModelError, WeightsError
from harness.models.model import Model
from harness.models.panic import panics_as_errors
from harness.models.streaming import Streaming, closing, failed
from harness.records import Prediction, Query
from harness.text import replace_lone_surrogates

# What was made, by the places of the queries that it was made of.
Answers = list[tuple[int, Prediction]]
T = TypeVar("T")


def load(model: Model) -> Prediction | None:
    """Make the model ready; return what is kept of each query if it cannot be."""
    try:
        model.prepare()
    except Exception as error:  # whatever a model raises is recorded, never lost or scored as 0
        return failed(error)
    return None


def ask(model: Model, queries: Sequence[Query]) -> Generator[Answers]:
    """Yield a batch's predictions, those together that are done at the same moment.

    What fails is a prediction with an error; CostLimitError alone is raised.
    """
    if isinstance(model, Streaming):
        yield from _ask_streaming(model, queries)
    else:
        yield list(enumerate(_ask_unchanged(model, queries)))


def gathered(batches: Iterable[list[T]], blink: float) -> Iterator[list[T]]:
    """Yield batches, those together that come within so many seconds.

    For what costs more by the batch than by the prediction: a batch that is put on the disk and
    waited for.
    """
    together: list[T] = []
    begun = time.perf_counter()
    for batch in batches:
        together += batch
        if time.perf_counter() - begun > blink:
            yield together
            together, begun = [], time.perf_counter()
    if together:
        yield together


def _ask_streaming(model: Streaming, queries: Sequence[Query]) -> Generator[Answers]:
    """Yield predictions one by one; `seconds` is the time since the one before, and so adds up.

    All that is under way fails if the model's files are not those of the key.
    """
    unfinished = set(range(len(queries)))
    _forget_peak_memory()
    started = time.perf_counter()
    try:
        with closing(model.stream(queries)) as stream:
            while unfinished:
                with model.reading(), panics_as_errors():
                    item = next(stream, None)
                if item is None:
                    lacking = f"{len(unfinished)} of {len(queries)}"
                    raise HarnessError(f"{lacking} predictions did not come")
                place, prediction = item
                now = time.perf_counter()
                unfinished.remove(place)
                yield [(place, _storable(prediction, now - started, _peak_memory()))]
                started = now
    except CostLimitError:  # what was not asked is no failure
        raise
    except Exception as error:  # as in load
        yield [(place, failed(error)) for place in sorted(unfinished)]


def _ask_unchanged(model: Model, queries: Sequence[Query]) -> list[Prediction]:
    """Return a batch's predictions; all fail if the model's files are not those of the key."""
    try:
        with model.reading():
            return _ask_once(model, queries)
    except WeightsError as error:
        return [failed(error) for _ in queries]


def _ask_once(model: Model, queries: Sequence[Query]) -> list[Prediction]:
    """Return a batch's predictions; where the batch fails, those of its queries one by one."""
    _forget_peak_memory()
    started = time.perf_counter()
    try:
        with panics_as_errors():
            predictions = model.predict(queries)
        if len(predictions) != len(queries):
            raise HarnessError(f"{len(predictions)} predictions came for {len(queries)} queries")
    except Exception as error:  # as in load
        if len(queries) > 1:
            return [prediction for query in queries for prediction in _ask_once(model, [query])]
        predictions = [failed(error)]
    seconds = (time.perf_counter() - started) / len(queries)
    memory = _peak_memory()
    return [_storable(prediction, seconds, memory) for prediction in predictions]


def _storable(prediction: Prediction, seconds: float, peak_memory: int) -> Prediction:
    """Return a prediction as any file can hold it, with what it cost: a failure if none can."""
    numbers = (
        prediction.confidence, prediction.no_answer_probability, prediction.cost,
        *(candidate.score for candidate in prediction.candidates),
    )  # fmt: skip
    if not all(number is None or math.isfinite(number) for number in numbers):
        why = ModelError("its cost, or how sure it is, is no finite number")
        prediction = failed(why, prediction.rendered_sha256)
    return replace(
        prediction,
        text=replace_lone_surrogates(prediction.text),
        raw=replace_lone_surrogates(prediction.raw),
        seconds=seconds,
        peak_memory=peak_memory,
    )


def _forget_peak_memory() -> None:
    """Start the kernel's high-water mark anew, where it lets us (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_memory() -> int:
    """Return the most memory that the process held, in bytes, since the mark was set anew."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if os.uname().sysname == "Darwin" else peak * 1024
