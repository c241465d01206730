"""Queries to predictions: in batches, kept as they are made, and only once.

A failure is a prediction too: stored with its reason, counted, and tried again next time.
"""

import contextlib
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import StoreError
from harness.models.model import Model
from harness.models.streaming import Streaming
from harness.records import Example, Prediction, Query
from harness.run.asking import ask, gathered, load
from harness.run.batching import model_batches, whole_articles
from harness.run.keys import PredictionKeys
from harness.run.store import Store, StoredPrediction
from harness.stream import Stream

Progress = Callable[[int, int], None]
Keyed = tuple[str, Prediction]

# So many examples are in memory at once while they are predicted, with batches made of them, and
# while they are read again.
PREDICT_CHUNK = 2048
READ_CHUNK = 128
_LOOKED_FOR = 256  # while the store is asked for them
# So few predictions of a row stay in memory, and are read once: they are gone through many times.
_FEW = 512
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries that a model is asked together, and the keys of their predictions."""

    keys: tuple[str, ...]
    queries: tuple[Query, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, places: Iterable[int]) -> "Batch":
        """Return the batch of the queries at some places."""
        listed = list(places)
        return Batch(
            tuple(self.keys[place] for place in listed),
            tuple(self.queries[place] for place in listed),
        )


class Turn:
    """A model's turn with the examples of one task: what of it is to be made, and what came of it.

    Whoever makes it takes the `batches`, in any process and any order, and has each prediction
    kept; `make` does that here. What the store has is not made again, failures aside. Examples are
    gone through some at a time: memory does not grow with their number.
    """

    def __init__(
        self,
        model: Model,
        examples: Sequence[Example],
        store: Store,
        environment: Mapping[str, object],
        progress: Progress,
        number: int = 1,
    ) -> None:
        """Find what the store has of the examples, of which there must be one at least.

        `environment` is this process's. `progress` is called with the number done and the total,
        at the start and whenever something was kept. `number` says for which time the model is
        asked: it has its own keys.
        """
        self.task = examples[0].query.task
        self.identity = model.identity(self.task)  # with the roster's seed, each time
        self.model = model.for_repeat(number)
        self.environment = environment
        self._examples, self._store, self._number = examples, store, number
        self._progress = progress
        self._cached = bytearray(len(examples))  # 1: the store had it
        if store.knows(self.identity):  # else no example is looked for: the first begins at once
            self._cached.clear()
            for chunk in keyed_chunks(examples, self.identity, number, _LOOKED_FOR):
                stored_keys = store.stored_keys(key for key, _ in chunk)
                self._cached.extend(key in stored_keys for key, _ in chunk)
        self.kept_before = self._done = sum(self._cached)
        # How many examples wait for a prediction, by its key.
        self._waiting: dict[str, int] = {}
        self.any_failed = False
        """Whether a prediction that was made in this turn failed."""
        progress(self._done, len(examples))

    @property
    def left(self) -> int:
        """How many examples have no prediction yet."""
        return len(self._cached) - self._done

    def batches(self, streamed: int = PREDICT_CHUNK) -> Iterator[Batch]:
        """Yield what is to be made, in the batches in which the model is to be asked.

        What streams decides itself what it computes together, and is asked as much at once as lies
        in memory, or some more than `streamed` queries: those on one article are not parted.
        """
        chunk_start = 0
        # Whatever a floor is asked together, it says the same.
        size = _LOOKED_FOR if self.model.role == "floor" else PREDICT_CHUNK
        for chunk in keyed_chunks(self._examples, self.identity, self._number, size):
            cached = self._cached[chunk_start : chunk_start + len(chunk)]
            chunk_start += len(chunk)
            uncached = [pair for pair, was in zip(chunk, cached, strict=True) if not was]
            queries = self._unasked(uncached)
            for keys in (
                whole_articles(queries, streamed)
                if isinstance(self.model, Streaming)
                else model_batches(queries, self.model)
            ):
                yield Batch(keys, tuple(queries[key] for key in keys))

    def keep(
        self,
        predictions: Sequence[tuple[str, Prediction | str]],
        environment: Mapping[str, object] | None = None,
    ) -> None:
        """Keep predictions with where they were made, here if nothing is said; raises StoreError.

        A text is a prediction as the store writes it. When this returns they are on the disk.
        """
        self._store.put(predictions, self.identity, environment or self.environment)
        self._done += sum(self._waiting.pop(key) for key, _ in predictions)
        self.any_failed = self.any_failed or any(_failed(item) for _, item in predictions)
        self._progress(self._done, len(self._cached))

    def make(self) -> None:
        """Make what is left in this process.

        The model is loaded only if there is something to make; if it cannot be, each of its
        predictions has that as its error, and the other models of a long run still have their turn.
        Raises CostLimitError where a model stops at its limit; what it made is kept.
        """
        if not self.left:
            return
        failure = load(self.model)
        environment = {**self.environment, **({} if failure else self.model.execution())}
        with contextlib.closing(self._made_here(failure)) as made:
            for predictions in gathered(made, _BLINK) if self.model.role == "floor" else made:
                self.keep(predictions, environment)

    @property
    def predictions(self) -> Sequence[Predicted]:
        """One prediction for each example, in order; many are read from the store each time."""
        stored = stored_predictions(
            self._examples, self.identity, self._store, self._cached, self._number
        )
        return list(stored) if len(stored) <= _FEW else stored

    def _made_here(self, failure: Prediction | None) -> Generator[list[Keyed]]:
        for batch in self.batches():
            if failure is not None:
                yield [(key, failure) for key in batch.keys]
                continue
            with contextlib.closing(ask(self.model, batch.queries)) as answers:
                for answer in answers:
                    yield [(batch.keys[place], prediction) for place, prediction in answer]

    def _unasked(self, examples: Sequence[tuple[str, Example]]) -> dict[str, Query]:
        """Return the queries that are to be asked, once each, by their keys; count who waits.

        The same query may have come further up: it is under way still, or in the store.
        """
        stored = self._store.stored_keys(key for key, _ in examples if key not in self._waiting)
        queries: dict[str, Query] = {}
        for key, example in examples:
            if key in stored:
                self._done += 1
                continue
            if key not in self._waiting:
                queries[key] = example.query
            self._waiting[key] = self._waiting.get(key, 0) + 1
        return queries


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
    model_keys = PredictionKeys(identity)

    def read(start: int) -> Iterator[Predicted]:
        for chunk_start in range(start, len(examples), READ_CHUNK):
            chunk = examples[chunk_start : chunk_start + READ_CHUNK]
            keys = [model_keys.key(example.query, number) for example in chunk]
            stored = store.get(keys)
            for place, (example, key) in enumerate(zip(chunk, keys, strict=True), chunk_start):
                if key not in stored:
                    raise StoreError(
                        f"{example.id}: its prediction is in the store no more; something else "
                        "changes this folder: choose another --out"
                    )
                yield Predicted(example, key, stored[key], bool(cached[place]), number)

    return Stream(len(examples), read)


def predict(
    model: Model,
    examples: Sequence[Example],
    store: Store,
    environment: Mapping[str, object],
    progress: Progress,
    number: int = 1,
) -> Sequence[Predicted]:
    """Return one prediction for each example of one task, in order, made in this process.

    For the arguments, and what is raised, see `Turn`. Where examples are many, what is returned
    reads them and the store again whenever it is gone through.
    """
    if not examples:
        return []
    turn = Turn(model, examples, store, environment, progress, number)
    turn.make()
    return turn.predictions


def keyed_chunks(
    examples: Sequence[Example],
    identity: Mapping[str, object],
    number: int = 1,
    size: int = PREDICT_CHUNK,
) -> Iterator[list[tuple[str, Example]]]:
    """Yield the examples with the keys of their predictions, so many at a time."""
    keys = PredictionKeys(identity)
    rest = iter(examples)
    while chunk := list(itertools.islice(rest, size)):
        yield [(keys.key(example.query, number), example) for example in chunk]


def _failed(prediction: Prediction | str) -> bool:
    """Return whether a prediction, or one as the store writes it, is an error."""
    if isinstance(prediction, str):
        # In a text within the JSON quotes have backslashes, so this stands nowhere else.
        return '"error":null' not in prediction
    return prediction.error is not None
