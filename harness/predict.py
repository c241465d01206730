"""Queries to predictions: in batches, kept as they are made, and only once.

A failure is a prediction too: stored with its reason, counted, and tried again next time.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import HarnessError
from harness.models import Model
from harness.records import Example, Prediction, Query
from harness.store import Store, Stored, key
from harness.text import valid

Progress = Callable[[int, int], None]


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
) -> list[Predicted]:
    """Return one prediction for each example of one task, in order.

    Those that the store has are not made again, failures aside. `progress` is called with the
    number done and the total, at the start and after each batch. The model is loaded only if
    there is something to make; if it cannot be, each of its predictions has that as its error,
    and the other models of a long run still have their turn.
    """
    if not examples:
        return []
    identity = model.identity(examples[0].query.task)
    keys = [key(identity, example.query) for example in examples]
    queries = {k: example.query for k, example in zip(keys, examples, strict=True)}
    known = store.get(list(queries))
    pending = [k for k in queries if k not in known or known[k].prediction.error is not None]
    done = len(queries) - len(pending)
    progress(done, len(queries))
    cached = queries.keys() - set(pending)
    refusal = _load(model) if pending else None
    for batch in _batches(pending, queries, model):
        if refusal is None:
            made = _attempt(model, [queries[k] for k in batch])
        else:
            made = [Prediction("", error=refusal) for _ in batch]
        store.put(zip(batch, made, strict=True), identity, environment)
        known |= {k: Stored(p, environment) for k, p in zip(batch, made, strict=True)}
        done += len(batch)
        progress(done, len(queries))
    return [
        Predicted(example, k, known[k], k in cached)
        for example, k in zip(examples, keys, strict=True)
    ]


def _batches(
    keys: Sequence[str], queries: Mapping[str, Query], model: Model
) -> Iterator[tuple[str, ...]]:
    """Yield the keys in the model's batches, in which all answers share their article.

    Summaries have an article each; there a batch holds several. The longest come first: what
    does not fit is known early, and equals stand together.
    """

    def shared(k: str) -> str | None:
        query = queries[k]
        return query.context if query.task == "answer" else None

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
    return [
        replace(one, text=valid(one.text), raw=valid(one.raw), seconds=seconds, peak_memory=memory)
        for one in made
    ]


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
