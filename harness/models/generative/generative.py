"""What the kinds that write texts have in common: long articles, and texts that come when done."""

import abc
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from harness.files import sha256
from harness.models.checkpoint.checkpoint import BATCH_TOKENS, Checkpoint
from harness.models.decoding.finite_logits import NOT_FINITE
from harness.models.decoding.row import Outcome, Reply
from harness.models.generative.generation_config import generation_defaults
from harness.models.generative.map_reduce import map_reduce, split_into_windows
from harness.models.generative.query_groups import in_parts
from harness.models.generative.truncation import FittedPrompt, LongInputStrategy, Render
from harness.models.panic import panics_as_errors
from harness.models.streaming import Streaming, closing, failed
from harness.records import Prediction, Query, Task


class Generative(Checkpoint, Streaming):
    """What every checkpoint that writes texts takes."""

    long: LongInputStrategy = "cut"
    """What becomes of an article that does not fit: its end is "cut", its "middle", or windows of
    it are summarized and then their summaries, "map-reduce"."""
    batch_tokens: Annotated[int, Field(ge=1)] = BATCH_TOKENS
    """The most tokens, of prompts and replies, that go through the model together; halved when
    memory runs out."""

    def execution(self) -> Mapping[str, object]:
        """Return what decodes, whether matrix products are turned round, and on which GPU."""
        return {**super().execution(), "decoding": self._decoder.method}

    def generation_settings(self) -> Mapping[str, object]:
        """Return the checkpoint's own settings.

        Those that sample do nothing here, and a roster's beams and lengths go before them.
        """
        return generation_defaults(self.weights)

    def unload(self) -> None:
        """Forget the weights, the tokenizer, and what the decoder keeps of prompts."""
        for name in ("_decoder", "_tokenizer", "_window"):
            self.__dict__.pop(name, None)
        super().unload()

    def prepare_estimates(self) -> None:
        """Read the tokenizer, and the window from the configuration."""
        _ = self._tokenizer, self._window

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        """Yield the model's texts; the same whatever shares the batch (float32)."""
        if self.long != "map-reduce":
            yield from self._stream(dict(enumerate(queries)))
            return
        for places in in_parts(range(len(queries))):
            windows: dict[int, list[Query]] = {}
            for place in places:
                try:
                    with panics_as_errors():
                        windows[place] = self._windows(queries[place])
                except Exception as error:  # one query's failure
                    yield place, failed(error)
            yield from self._stream({i: parts[0] for i, parts in windows.items() if len(parts) < 2})
            for place in (i for i, parts in windows.items() if len(parts) > 1):
                yield place, self._map_reduce(queries[place])

    @property
    @abc.abstractmethod
    def _tokenizer(self) -> Any: ...

    @property
    @abc.abstractmethod
    def _window(self) -> int: ...

    @property
    @abc.abstractmethod
    def _decoder(self) -> Any: ...

    @abc.abstractmethod
    def _decode(
        self,
        queries: Mapping[int, Query],
        prompts: dict[int, FittedPrompt],
        failures: list[tuple[int, Prediction]],
    ) -> Iterator[tuple[int, Outcome]]:
        """Yield what is written for queries that are one prompt each, by their places.

        Note the prompts of those under way, and what cannot be asked.
        """

    @abc.abstractmethod
    def _predicted(self, fitted: FittedPrompt, reply: Reply) -> Prediction:
        """Return the prediction for a reply whose logits were numbers."""

    @abc.abstractmethod
    def _rendering(self, query: Query) -> tuple[Render, int]:
        """Return how queries of this kind become tokens, and how many there is room for."""

    @abc.abstractmethod
    def _is_unfinished(self, prediction: Prediction) -> bool:
        """Return whether a limit ended a summary."""

    def _long_strategy(self, task: Task) -> LongInputStrategy:
        """Return what becomes of a long article: an answer is not made of answers."""
        return "cut" if task == "answer" and self.long == "map-reduce" else self.long

    def _windows(self, query: Query) -> list[Query]:
        if self._long_strategy(query.task) != "map-reduce":
            return [query]
        render, max_tokens = self._rendering(query)
        return split_into_windows(self._tokenizer, query, render, max_tokens)

    def _map_reduce(self, query: Query) -> Prediction:
        def predict(windows: Sequence[Query]) -> list[Prediction]:
            predictions = dict(self._stream(dict(enumerate(windows))))
            return [predictions[place] for place in range(len(windows))]

        try:
            with panics_as_errors():
                (prediction,) = map_reduce([query], self._windows, predict, self._is_unfinished)
        except Exception as error:  # one query's failure
            return failed(error)
        return prediction

    def _stream(self, queries: Mapping[int, Query]) -> Iterator[tuple[int, Prediction]]:
        """Yield predictions for queries that are one prompt each, by their places."""
        prompts: dict[int, FittedPrompt] = {}  # those under way
        failures: list[tuple[int, Prediction]] = []
        with closing(self._decode(queries, prompts, failures)) as outcomes:
            for place, outcome in outcomes:
                yield from failures
                failures.clear()
                yield place, self._prediction(prompts.pop(place), outcome)
        yield from failures

    def _prediction(self, fitted: FittedPrompt, outcome: Outcome) -> Prediction:
        if isinstance(outcome, Exception):
            return failed(outcome, sha256(fitted.text))
        if not outcome.finite:
            return Prediction("", rendered_sha256=sha256(fitted.text), error=NOT_FINITE)
        return self._predicted(fitted, outcome)
