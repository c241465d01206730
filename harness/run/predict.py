"""Queries to predictions: in batches, kept as they are made, and only once.

A failure is a prediction too: stored with its reason, counted, and tried again next time.
"""

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.errors import CostLimitError, HarnessError, StoreError, WeightsError
from harness.models.model import Model
from harness.models.streaming import Streaming, failed
from harness.records import Example, Prediction, Query
from harness.run.peak_memory import forget_peak_memory, peak_memory
from harness.run.store import PredictionKeys, Store, StoredPrediction
from harness.stream import Stream
from harness.text import replace_lone_surrogates

Progress = Callable[[int, int], None]

# So many examples are in memory at once while they are predicted, with batches made of them, and
# while they are read again.
PREDICT_CHUNK = 2048
READ_CHUNK = 128
# Seconds for which what a floor made waits to be kept.
_BLINK = 0.05


@dataclass(frozen=True, slots=True)
class Predicted:
    """One example's prediction, where it was made, and whether the store had it before.

    `number` says for which time the model was asked; `repeats` are those of other times, if it was
    asked several times.
    """

    example: Example
    key: str
    stored: StoredPrediction
    cached: bool
    number: int = 1
    repeats: tuple["Predicted", ...] = ()


def predict(
    model: Model,
    examples: Sequence[Example],
    store: Store,
    environment: Mapping[str, object],
    progress: Progress,
    number: int = 1,
) -> Sequence[Predicted]:
    """Return one prediction for each example of one task, in order.

    Those that the store has are not made again, failures aside. Raises CostLimitError where a
    model stops at its limit; what it made is kept. `progress` is called with the
    number done and the total, at the start and after each batch. The model is loaded only if
    there is something to make; if it cannot be, each of its predictions has that as its error,
    and the other models of a long run still have their turn.

    `number` says for which time the model is asked: it has its own keys.

    Examples are gone through some at a time, and what is returned reads them and the store again
    whenever it is gone through: memory does not grow with their number.
    """
    if not examples:
        return []
    identity = model.identity(examples[0].query.task)  # with the roster's seed, each time
    model = model.for_repeat(number)
    cached = bytearray()  # 1: the store had it
    for chunk in keyed_chunks(examples, identity, number):
        stored_keys = store.stored_keys(key for key, _ in chunk)
        cached.extend(key in stored_keys for key, _ in chunk)
    done, total = sum(cached), len(cached)
    progress(done, total)
    load_failure = _load(model) if done < total else None
    if done < total and load_failure is None:
        environment = {**environment, **model.execution()}
    chunk_start = 0
    for chunk in keyed_chunks(examples, identity, number) if done < total else ():
        uncached = [
            pair
            for pair, was_cached in zip(chunk, cached[chunk_start:], strict=False)
            if not was_cached
        ]
        chunk_start += len(chunk)
        stored_since = store.stored_keys(key for key, _ in uncached)  # the same query, further up
        done += sum(key in stored_since for key, _ in uncached)
        key_counts = Counter(key for key, _ in uncached if key not in stored_since)
        queries = {key: example.query for key, example in uncached if key in key_counts}
        with contextlib.closing(
            _predict_batches(list(queries), queries, model, load_failure)
        ) as batches:
            for batch in _gathered(batches) if model.role == "floor" else batches:
                store.put(batch, identity, environment)
                done += sum(key_counts[key] for key, _ in batch)
                progress(done, total)
    return stored_predictions(examples, identity, store, cached, number)


def stored_predictions(
    examples: Sequence[Example],
    identity: Mapping[str, object],
    store: Store,
    cached: bytes | bytearray,
    number: int = 1,
) -> Sequence[Predicted]:
    """Return what the store has of the examples by a model of an identity, read when gone through.

    `cached` has 1 for each that was there before. Raises StoreError, then, for one that it lacks.
    """
    return Stream(
        len(examples),
        lambda start: _read_predictions(examples, identity, store, cached, start, number),
    )


def _gathered(
    batches: Iterable[list[tuple[str, Prediction]]],
) -> Iterator[list[tuple[str, Prediction]]]:
    """Yield the batches of a floor, those together that are made within a blink.

    Each that is yielded is put on the disk and waited for, which takes longer than a floor does.
    """
    gathered: list[tuple[str, Prediction]] = []
    begun = time.perf_counter()
    for batch in batches:
        gathered += batch
        if time.perf_counter() - begun > _BLINK:
            yield gathered
            gathered, begun = [], time.perf_counter()
    if gathered:
        yield gathered


def keyed_chunks(
    examples: Sequence[Example], identity: Mapping[str, object], number: int = 1
) -> Iterator[list[tuple[str, Example]]]:
    """Yield the examples with the keys of their predictions, some at a time."""
    keys = PredictionKeys(identity)
    rest = iter(examples)
    while chunk := list(itertools.islice(rest, PREDICT_CHUNK)):
        yield [(keys.key(example.query, number), example) for example in chunk]


def _read_predictions(
    examples: Sequence[Example],
    identity: Mapping[str, object],
    store: Store,
    cached: bytes | bytearray,
    start: int,
    number: int,
) -> Iterator[Predicted]:
    """Yield what the store has of the examples, from the one at a place on."""
    model_keys = PredictionKeys(identity)
    for chunk_start in range(start, len(examples), READ_CHUNK):
        chunk = examples[chunk_start : chunk_start + READ_CHUNK]
        keys = [model_keys.key(example.query, number) for example in chunk]
        stored = store.get(keys)
        for index, (example, key) in enumerate(zip(chunk, keys, strict=True), start=chunk_start):
            if key not in stored:
                raise StoreError(
                    f"{example.id}: its prediction is in the store no more; something else changes "
                    "this folder: choose another --out"
                )
            yield Predicted(example, key, stored[key], bool(cached[index]), number)


def _predict_batches(
    keys: Sequence[str], queries: Mapping[str, Query], model: Model, load_failure: Prediction | None
) -> Generator[list[tuple[str, Prediction]]]:
    """Yield the predictions with their keys, as they are done and are to be kept together."""
    if isinstance(model, Streaming) and load_failure is None:
        yield from _predict_streaming(keys, queries, model)
        return
    for batch in _batches(keys, queries, model):
        if load_failure is None:
            predictions = _predict_unchanged(model, [queries[key] for key in batch])
        else:
            predictions = [load_failure for _ in batch]
        yield list(zip(batch, predictions, strict=True))


def _predict_streaming(
    keys: Sequence[str], queries: Mapping[str, Query], model: Streaming
) -> Generator[list[tuple[str, Prediction]]]:
    """Yield predictions one by one; `seconds` is the time since the one before, and so adds up.

    All that is under way fails if the model's files are not those of the key.
    """
    unfinished = dict(enumerate(keys))
    forget_peak_memory()
    started = time.perf_counter()
    try:
        stream = iter(model.stream([queries[key] for key in keys]))
        while unfinished:
            with model.reading():
                item = next(stream, None)
            if item is None:
                raise HarnessError(f"{len(unfinished)} of {len(keys)} predictions did not come")
            index, prediction = item
            now = time.perf_counter()
            yield [(unfinished.pop(index), _storable(prediction, now - started, peak_memory()))]
            started = now
    except CostLimitError:  # what was not asked is no failure
        raise
    except Exception as error:  # as in _predict_batch
        yield [(key, failed(error)) for key in unfinished.values()]


def _batches(
    keys: Sequence[str], queries: Mapping[str, Query], model: Model
) -> Iterator[tuple[str, ...]]:
    """Yield the keys in the model's batches.

    Summaries have an article each; there a batch holds several. Where a kind wants it, the
    answers of a batch share their article. The longest come first: what does not fit is known
    early, and equals stand together.
    """

    def shared_context(key: str) -> str | None:
        query = queries[key]
        return query.context if query.task == "answer" and model.one_article else None

    for _, group in itertools.groupby(keys, key=shared_context):
        members = sorted(group, key=lambda key: _length(queries[key]), reverse=True)
        size = model.batch_size(queries[members[0]])
        rest = iter(members)
        while batch := tuple(itertools.islice(rest, size)):
            yield batch


def _length(query: Query) -> int:
    return len(query.context) + len(query.question or "")


def _load(model: Model) -> Prediction | None:
    """Make the model ready; return what is kept of each query if it cannot be."""
    try:
        model.prepare()
    except Exception as error:  # as in _predict_batch
        return failed(error)
    return None


def _predict_unchanged(model: Model, queries: Sequence[Query]) -> list[Prediction]:
    """Return a batch's predictions; all fail if the model's files are not those of the key."""
    try:
        with model.reading():
            return _predict_batch(model, queries)
    except WeightsError as error:
        return [failed(error) for _ in queries]


def _predict_batch(model: Model, queries: Sequence[Query]) -> list[Prediction]:
    """Return a batch's predictions; where the batch fails, those of its queries one by one."""
    forget_peak_memory()
    started = time.perf_counter()
    try:
        predictions = model.predict(queries)
        if len(predictions) != len(queries):
            raise HarnessError(f"{len(predictions)} predictions came for {len(queries)} queries")
    except Exception as error:  # whatever a model raises is recorded, never lost or scored as 0
        if len(queries) > 1:
            return [
                prediction for query in queries for prediction in _predict_batch(model, [query])
            ]
        predictions = [failed(error)]
    seconds = (time.perf_counter() - started) / len(queries)
    memory = peak_memory()
    return [_storable(prediction, seconds, memory) for prediction in predictions]


def _storable(prediction: Prediction, seconds: float, memory: int) -> Prediction:
    """Return a prediction as any file can hold it, with what it cost."""
    return replace(
        prediction,
        text=replace_lone_surrogates(prediction.text),
        raw=replace_lone_surrogates(prediction.raw),
        seconds=seconds,
        peak_memory=memory,
    )
