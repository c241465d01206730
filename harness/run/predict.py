"""Queries to predictions: in batches, kept as they are made, and only once.

A failure is a prediction too: stored with its reason, counted, and tried again next time.
"""

import contextlib
import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import HarnessError, StoreError
from harness.models import Model
from harness.models.streaming import Streaming
from harness.records import Example, Prediction, Query
from harness.run.store import Store, Stored, key
from harness.stream import Stream
from harness.text import valid

Progress = Callable[[int, int], None]

# So many examples are in memory at once while they are predicted, with batches made of them, and
# while they are read again.
SLICE = 2048
READ = 128


@dataclass(frozen=True, slots=True)
class Predicted:
    """One example's prediction, where it was made, and whether the store had it before."""

    example: Example
    key: str
    stored: Stored
    cached: bool


def predict(
    model: Model,
    examples: Sequence[Example],
    store: Store,
    environment: Mapping[str, object],
    progress: Progress,
) -> Sequence[Predicted]:
    """Return one prediction for each example of one task, in order.

    Those that the store has are not made again, failures aside. `progress` is called with the
    number done and the total, at the start and after each batch. The model is loaded only if
    there is something to make; if it cannot be, each of its predictions has that as its error,
    and the other models of a long run still have their turn.

    Examples are gone through some at a time, and what is returned reads them and the store again
    whenever it is gone through: memory does not grow with their number.
    """
    if not examples:
        return []
    identity = model.identity(examples[0].query.task)
    cached = bytearray()  # 1: the store had it
    for some in _slices(examples, identity):
        had = store.made(k for k, _ in some)
        cached.extend(k in had for k, _ in some)
    done, total = sum(cached), len(cached)
    progress(done, total)
    refusal = _load(model) if done < total else None
    place = 0
    for some in _slices(examples, identity) if done < total else ():
        asked = [one for one, had_it in zip(some, cached[place:], strict=False) if not had_it]
        place += len(some)
        since = store.made(k for k, _ in asked)  # the same query, further up
        done += sum(k in since for k, _ in asked)
        counts = Counter(k for k, _ in asked if k not in since)
        queries = {k: example.query for k, example in asked if k in counts}
        with contextlib.closing(_made(list(queries), queries, model, refusal)) as groups:
            for made in groups:
                store.put(made, identity, environment)
                done += sum(counts[k] for k, _ in made)
                progress(done, total)
    return Stream(total, lambda start: _read(examples, identity, store, cached, start))


def _slices(
    examples: Sequence[Example], identity: Mapping[str, object]
) -> Iterator[list[tuple[str, Example]]]:
    """Yield the examples with their keys, some at a time."""
    rest = iter(examples)
    while some := list(itertools.islice(rest, SLICE)):
        yield [(key(identity, example.query), example) for example in some]


def _read(
    examples: Sequence[Example],
    identity: Mapping[str, object],
    store: Store,
    cached: bytearray,
    start: int,
) -> Iterator[Predicted]:
    """Yield what the store has of the examples, from the one at a place on."""
    for place in range(start, len(examples), READ):
        some = examples[place : place + READ]
        keys = [key(identity, example.query) for example in some]
        known = store.get(keys)
        for i, (example, k) in enumerate(zip(some, keys, strict=True), start=place):
            if k not in known:
                raise StoreError(
                    f"{example.id}: its prediction is in the store no more; something else changes "
                    "this folder: choose another --out"
                )
            yield Predicted(example, k, known[k], bool(cached[i]))


def _made(
    keys: Sequence[str], queries: Mapping[str, Query], model: Model, refusal: str | None
) -> Generator[list[tuple[str, Prediction]]]:
    """Yield the predictions with their keys, as they are done and are to be kept together."""
    if isinstance(model, Streaming) and refusal is None:
        yield from _streamed(keys, queries, model)
        return
    for batch in _batches(keys, queries, model):
        if refusal is None:
            made = _attempt(model, [queries[k] for k in batch])
        else:
            made = [Prediction("", error=refusal) for _ in batch]
        yield list(zip(batch, made, strict=True))


def _streamed(
    keys: Sequence[str], queries: Mapping[str, Query], model: Streaming
) -> Generator[list[tuple[str, Prediction]]]:
    """Yield predictions one by one; `seconds` is the time since the one before, and so adds up."""
    left = dict(enumerate(keys))
    _forget_peak_memory()
    started = time.perf_counter()
    try:
        for place, made in model.stream([queries[k] for k in keys]):
            now = time.perf_counter()
            yield [(left.pop(place), _kept(made, now - started, _peak_memory()))]
            started = now
    except Exception as error:  # as in _attempt
        yield [(k, Prediction("", error=_reason(error))) for k in left.values()]


def _batches(
    keys: Sequence[str], queries: Mapping[str, Query], model: Model
) -> Iterator[tuple[str, ...]]:
    """Yield the keys in the model's batches.

    Summaries have an article each; there a batch holds several. Where a kind wants it, the
    answers of a batch share their article. The longest come first: what does not fit is known
    early, and equals stand together.
    """

    def shared(k: str) -> str | None:
        query = queries[k]
        return query.context if query.task == "answer" and model.one_article else None

    for _, group in itertools.groupby(keys, key=shared):
        members = sorted(group, key=lambda k: _length(queries[k]), reverse=True)
        size = model.batch_size(queries[members[0]])
        rest = iter(members)
        while batch := tuple(itertools.islice(rest, size)):
            yield batch


def _length(query: Query) -> int:
    return len(query.context) + len(query.question or "")


def _load(model: Model) -> str | None:
    """Make the model ready; return the reason if it cannot be."""
    try:
        model.prepare()
    except Exception as error:  # as in _attempt
        return _reason(error)
    return None


def _attempt(model: Model, queries: Sequence[Query]) -> list[Prediction]:
    """Return a batch's predictions; where the batch fails, those of its queries one by one."""
    _forget_peak_memory()
    started = time.perf_counter()
    try:
        made = model.predict(queries)
        if len(made) != len(queries):
            raise HarnessError(f"{len(made)} predictions came for {len(queries)} queries")
    except Exception as error:  # whatever a model raises is recorded, never lost or scored as 0
        if len(queries) > 1:
            return [one for query in queries for one in _attempt(model, [query])]
        made = [Prediction("", error=_reason(error))]
    seconds = (time.perf_counter() - started) / len(queries)
    memory = _peak_memory()
    return [_kept(one, seconds, memory) for one in made]


def _kept(made: Prediction, seconds: float, memory: int) -> Prediction:
    """Return a prediction as any file can hold it, with what it cost."""
    return replace(
        made,
        text=valid(made.text),
        raw=valid(made.raw),
        seconds=seconds,
        peak_memory=memory,
    )


def _reason(error: Exception) -> str:
    return valid(" ".join(f"{type(error).__name__}: {error}".split())[:500])


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
