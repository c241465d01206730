"""The formula of BERTScore over token embeddings (Zhang et al., "BERTScore", 2020, section 3).

Each token of one text is matched with the most similar token of the other, by the cosine of their
embeddings. Precision is the weighted mean over the prediction's tokens, recall that over the
reference's, F1 their harmonic mean.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Embeddings = NDArray[np.float32]


class BertScores(NamedTuple):
    """What BERTScore says of a prediction and a reference, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


NOTHING = BertScores(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens, as an encoder reads them.

    `ids` are their numbers. `special` says which open or close a text: these count nothing, but may
    be matched with. `unknown` is how many the vocabulary does not have, `cut` whether the text was
    longer than the encoder's window.
    """

    ids: Sequence[int]
    special: Sequence[bool]
    unknown: int = 0
    cut: bool = False

    def __len__(self) -> int:
        """Return how many there are, special ones too."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedText:
    """A text's tokens, and their embeddings: an array of tokens x dimensions."""

    tokens: Tokens
    embeddings: Embeddings


class TokenEncoder(Protocol):
    """What embeds the tokens of texts: `harness.models.encoder.token_encoder` has one."""

    @property
    def signature(self) -> str:
        """The text that pins all that an embedding depends on: weights, tokenizer, versions."""

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text."""

    def encode(self, texts: Sequence[str], layer: int) -> list[EncodedText]:
        """Return the tokens of each text with what layer number `layer` gives, from 1 on."""


@dataclass(frozen=True)
class InverseDocumentFrequencies:
    """How rare each token is: log((n + 1) / (k + 1)) where k of n texts have it."""

    documents: int
    counts: Mapping[int, int]

    @classmethod
    def of(cls, texts: Iterable[Tokens]) -> "InverseDocumentFrequencies":
        """Count the tokens of some texts; a text that is there twice counts twice."""
        counts: Counter[int] = Counter()
        documents = 0
        for tokens in texts:
            documents += 1
            counts.update(set(tokens.ids))
        return cls(documents, dict(counts))

    def weights(self, tokens: Tokens) -> Vector:
        """Return the weight of each token; special ones, which every text has, have none."""
        weights = [math.log((self.documents + 1) / (self.counts.get(i, 0) + 1)) for i in tokens.ids]
        return np.array(weights)


def equal_weights(tokens: Tokens) -> Vector:
    """Return 1 for each token, and 0 for special ones."""
    return np.array([float(not special) for special in tokens.special])


def greedy_matching(
    prediction: Embeddings,
    reference: Embeddings,
    prediction_weights: Vector,
    reference_weights: Vector,
) -> BertScores:
    """Return precision, recall and F1 of n x d and m x d embeddings with n and m weights.

    All are 0 where no token of a text has a weight. A token without a match above 0 has the
    similarity 0: in bert_score so have those of each text that is padded, which is all but the
    longest of a batch.
    """
    if not prediction_weights.sum() or not reference_weights.sum():
        return NOTHING
    similarity = np.maximum(_unit(prediction) @ _unit(reference).T, 0.0)
    precision = float(np.average(similarity.max(axis=1), weights=prediction_weights))
    recall = float(np.average(similarity.max(axis=0), weights=reference_weights))
    if precision + recall == 0:
        return NOTHING
    return BertScores(precision, recall, 2 * precision * recall / (precision + recall))


def _unit(embeddings: Embeddings) -> Vector:
    vectors: Vector = embeddings.astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
