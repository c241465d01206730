"""What the kinds have in common that read an article's passages beside a claim."""

import abc
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.errors import ModelError
from harness.models.checkpoint.checkpoint import (
    Checkpoint,
    empty_model,
    load_config,
    load_model,
    load_tokenizer,
)
from harness.models.extractive.windows import max_input_tokens
from harness.models.judges.opinion import Opinion
from harness.models.judges.pair_reader import (
    Pair,
    PairEncoder,
    PairForm,
    PairReader,
    Probabilities,
)
from harness.models.model import Estimate
from harness.models.streaming import failed
from harness.records import Prediction, Query, Task
from harness.text import SENTENCE_SPLITTER


class ClaimJudge(Checkpoint):
    """A classifier that reads each passage of an article beside a claim.

    The claim stands in a query where a question does. A passage and the claim have at most
    `max_tokens` together; an article that is longer is read in several, and no word of it is left
    out. A claim that leaves no room for the article is an error.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    usual_tokens: ClassVar[int] = 512

    max_tokens: Annotated[int, Field(ge=32)] | None = None
    """The most tokens of a passage and the claim together; by default 512, or what the model can
    read if that is less."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the options and the versions of the rules."""
        return {
            **super().identity(task),
            "max_tokens": self.max_tokens,
            "splitter": SENTENCE_SPLITTER,
            "passages": 1,
        }

    def load(self) -> None:
        """Read the tokenizer and the network.

        Raises ModelError for labels that cannot be told, and for a window that it does not have.
        """
        _ = self._labels, self._loaded, self._encoder

    @cached_property
    def _loaded(self) -> tuple[Any, Any, PairReader]:
        network = load_model(self._auto_class(), self)
        return self._tokenizer, network, PairReader(self._tokenizer, network, self._forward)

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(self)

    @cached_property
    def _config(self) -> Any:
        return load_config(self)

    @cached_property
    def _encoder(self) -> PairEncoder:
        loaded = self.__dict__.get("_loaded")
        network = loaded[1] if loaded else empty_model(self._auto_class(), self)
        return PairEncoder(self._tokenizer, self._size(network), self._form())

    def _size(self, network: Any) -> int:
        """Return how many tokens a window has: as asked for, and no more than it can read."""
        # Relative positions have no limit; the tokenizer's is what the model was made with.
        relative = hasattr(self._config, "relative_attention_num_buckets")
        limit = None if relative else max_input_tokens(self._tokenizer, network)
        size = self.max_tokens or self.usual_tokens
        if limit is None or size <= limit:
            return size
        if self.max_tokens is None:
            return limit
        raise ModelError(
            f"{self.weights.label}: reads {limit} tokens at once, max_tokens is {size}; lower it"
        )

    def prepare_estimates(self) -> None:
        """Read the tokenizer and the configuration; raise ModelError for unclear labels."""
        _ = self._labels, self._encoder

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens of all passages with the claim; nothing is cut or written."""
        pairs = self._encoder.pairs(query.context, query.question or "")
        tokens = sum(len(pair.ids) for pair in pairs)
        return Estimate(input_tokens=tokens, max_input_tokens=tokens, cut=False)

    def unload(self) -> None:
        """Forget the weights and the tokenizer."""
        for name in ("_encoder", "_tokenizer", "_config", "_labels"):
            self.__dict__.pop(name, None)
        super().unload()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return what the judge says of each query's claim, as the text of an `Opinion`."""
        pairs: dict[int, list[Pair]] = {}
        predictions: dict[int, Prediction] = {}
        for at, query in enumerate(queries):
            try:
                pairs[at] = self._encoder.pairs(query.context, query.question or "")
            except ModelError as error:  # the one query's own; the others of its batch go on
                predictions[at] = failed(error)
        outputs = iter(self._loaded[2].read([pair for own in pairs.values() for pair in own]))
        for at, own in pairs.items():
            opinion = self._opinion(own, [next(outputs) for _ in own])
            tokens = self._encoder.source_tokens(queries[at].context)
            predictions[at] = Prediction(
                opinion.text(),
                source_tokens=tokens,
                kept_tokens=tokens,
                windows=len(own),
                prompt_tokens=sum(len(pair.ids) for pair in own),
            )
        return [predictions[at] for at in range(len(queries))]

    def _form(self) -> PairForm:
        """Return how an article is parted and put beside a claim."""
        return PairForm("chunk")

    def _forward(self, network: Any, **inputs: Any) -> Any:
        """Return the logits of a batch."""
        return network(**inputs).logits

    def _auto_class(self) -> Any:
        from transformers import AutoModelForSequenceClassification

        return AutoModelForSequenceClassification

    @property
    @abc.abstractmethod
    def _labels(self) -> Any:
        """Which label means what; raises ModelError where that cannot be told."""

    @abc.abstractmethod
    def _opinion(self, pairs: Sequence[Pair], probabilities: Sequence[Probabilities]) -> Opinion:
        """Return what is said of a claim, from the probabilities of its pairs."""
