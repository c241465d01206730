"""Models that work on many queries at once and hand each over when it is done."""

import abc
import contextlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TypeVar

from harness.models.model import Model
from harness.records import Prediction, Query
from harness.text import replace_lone_surrogates

T = TypeVar("T")


class Streaming(Model):
    """A model whose predictions are kept one by one: a kill costs only what is under way."""

    @abc.abstractmethod
    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        """Yield each query's place and its prediction, in the order in which they are finished.

        What fails is a prediction with an `error`. Closing the iterator ends what is under way.
        """

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the predictions in the queries' order."""
        predictions = dict(self.stream(queries))
        return [predictions[place] for place in range(len(queries))]


def failed(error: Exception, rendered_sha256: str | None = None) -> Prediction:
    """Return what is kept of a query that an exception ended: why, on one line."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return Prediction("", rendered_sha256=rendered_sha256, error=replace_lone_surrogates(reason))


def closing(items: Iterable[T]) -> "contextlib.closing[Generator[T]]":
    """Give a block what it goes through, which is closed with all that it is made from at its end.

    What is left to the garbage collector is closed by it, and an interruption meanwhile is lost.
    """
    return contextlib.closing(_each(items))


def _each(items: Iterable[T]) -> Generator[T]:
    yield from items
