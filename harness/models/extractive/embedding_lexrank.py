"""LexRank over sentence embeddings: centrality by meaning instead of by words."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from harness.models.checkpoint.checkpoint import Checkpoint, load_model, load_tokenizer
from harness.models.checkpoint.device import resolve_device
from harness.models.checkpoint.row_count import check_row_count
from harness.models.extractive.length_batches import length_batches
from harness.models.floors.lexrank import Matrix, centrality, cosine, top_sentences
from harness.models.model import Estimate
from harness.progress import note
from harness.records import Prediction, Query, Task
from harness.text import SENTENCE_SPLITTER, Span, sentences

# The most tokens of a batch, padding included.
_BATCH_TOKENS = 2048
_NOT_FINITE = "ModelError: the embeddings are not all finite numbers; try another dtype"


class EmbeddingLexRank(Checkpoint):
    """The `sentences` most central sentences by the cosine of their embeddings, one a line.

    An embedding is the mean of the encoder's last hidden states over a sentence's tokens, as
    sentence-transformers' mean pooling has it. Sentences are cut at `max_tokens`, special
    tokens included. Similarities below `threshold` do not count.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize",)

    sentences: Annotated[int, Field(ge=1)] = 3
    """How many sentences to take."""
    threshold: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Similarities below this do not count."""
    damping: Annotated[float, Field(gt=0, lt=1)] = 0.85
    """The probability that the walk follows a similarity and does not jump."""
    max_tokens: Annotated[int, Field(ge=8)] = 256
    """A sentence is cut at so many tokens."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the options and the versions of the rules."""
        return {
            **super().identity(task),
            "kind": "embedding-lexrank",
            "sentences": self.sentences,
            "threshold": self.threshold,
            "damping": self.damping,
            "max_tokens": self.max_tokens,
            "splitter": SENTENCE_SPLITTER,
        }

    def load(self) -> None:
        """Read the tokenizer and the encoder."""
        _ = self._loaded

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModel

        from harness.models.onednn.packed_network import pack_network

        self._tell_pooling()
        # What a pooler makes of the hidden states is not used.
        network = load_model(AutoModel, self, unused=("pooler",))
        pack_network(network)
        return self._tokenizer, network

    def _tell_pooling(self) -> None:
        """Say where sentence-transformers would make another embedding of this checkpoint."""
        stated = self.weights.read_json("1_Pooling/config.json") or {}
        if stated and not stated.get("pooling_mode_mean_tokens", True):
            note(
                f"{self.weights.label}: its 1_Pooling/config.json asks for another embedding than "
                "the mean over tokens, which is what is taken here; other sentences may be central"
            )

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(self)

    def unload(self) -> None:
        """Forget the weights and the tokenizer."""
        self.__dict__.pop("_tokenizer", None)
        super().unload()

    def prepare_estimates(self) -> None:
        """Read the tokenizer."""
        _ = self._tokenizer

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens of all sentences; it writes nothing of its own."""
        encoded, truncated = self._encode(sentences(query.context))
        tokens = sum(map(len, truncated))
        return Estimate(
            input_tokens=tokens,
            max_input_tokens=tokens,
            cut=tokens < sum(map(len, encoded)),
        )

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the central sentences."""
        return [self._predict(query.context) for query in queries]

    def _predict(self, context: str) -> Prediction:
        spans = sentences(context)
        if not spans:
            return Prediction("")
        vectors, source_tokens, kept_tokens = self._embed(spans)
        if not np.isfinite(vectors).all():
            return Prediction("", error=_NOT_FINITE)
        similarity = cosine(vectors)
        similarity[similarity < self.threshold] = 0.0
        scores = centrality(similarity, self.damping)
        return Prediction(
            top_sentences(spans, scores.tolist(), self.sentences),
            source_tokens=source_tokens,
            kept_tokens=kept_tokens,
        )

    def _encode(self, spans: Sequence[Span]) -> tuple[list[list[int]], list[list[int]]]:
        """Return the tokens of each sentence, and what is left of them where they are cut."""
        encoded = [
            self._tokenizer(span.text, split_special_tokens=True, verbose=False)["input_ids"]
            for span in spans
        ]
        # A long sentence loses its end, never its closing special token.
        truncated = [
            ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]
            for ids in encoded
        ]
        return encoded, truncated

    def _embed(self, spans: Sequence[Span]) -> tuple[Matrix, int, int]:
        """Return n x d embeddings, and how many tokens there were and were kept."""
        import torch

        encoded, truncated = self._encode(spans)
        lengths = list(map(len, truncated))
        vectors: dict[int, Matrix] = {}
        with torch.inference_mode():
            for rows in length_batches(lengths, _BATCH_TOKENS):
                means = self._means([truncated[row] for row in rows])
                vectors |= zip(rows, means, strict=True)
        return (
            np.array([vectors[row] for row in range(len(spans))]),
            sum(map(len, encoded)),
            sum(lengths),
        )

    def _means(self, batch: Sequence[Sequence[int]]) -> Matrix:
        """Return n x d means of the last hidden states over each row's tokens."""
        import torch

        tokenizer, model = self._loaded
        width = max(map(len, batch))
        pad = tokenizer.pad_token_id
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in batch])
        tokens = torch.tensor([[*ids, *[pad] * (width - len(ids))] for ids in batch])
        device = resolve_device(self.device)
        states = model(input_ids=tokens.to(device), attention_mask=mask.to(device))[0]
        check_row_count(states, len(batch))
        states, weight = states.float().cpu(), mask.unsqueeze(-1).float()
        means: Matrix = (states * weight).sum(dim=1).div(weight.sum(dim=1)).numpy()
        return means.astype(np.float64)
