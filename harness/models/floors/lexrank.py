"""LexRank: the sentences that most other sentences resemble (Erkan and Radev, 2004)."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from harness.models.model import Model
from harness.records import Prediction, Query, Role, Task
from harness.text import SENTENCE_SPLITTER, Span, sentences, words

Matrix = NDArray[np.float64]


def centrality(similarity: Matrix, damping: float) -> NDArray[np.float64]:
    """Return each sentence's LexRank: the stationary distribution of a walk over likeness.

    `similarity` is n x n and not negative. The walk follows a row's weights with probability
    `damping` and jumps anywhere otherwise (PageRank; equation 2 of "LexRank: Graph-based
    Lexical Centrality as Salience in Text Summarization", JAIR 22, where d is 1 - damping). A
    row without weight jumps anywhere. Solved as a linear system, so no iteration can stop
    early.
    """
    n = len(similarity)
    totals = similarity.sum(axis=1, keepdims=True)
    walk = np.divide(similarity, totals, out=np.full_like(similarity, 1 / n), where=totals > 0)
    scores: NDArray[np.float64] = np.linalg.solve(
        np.eye(n) - damping * walk.T, np.full(n, (1 - damping) / n)
    )
    return scores


def top_sentences(spans: Sequence[Span], scores: Sequence[float], count: int) -> str:
    """Return the `count` best sentences in the text's order, one a line; ties go to the first."""
    # Rounded, so that equal sentences tie whatever the last bits of the solver say.
    best = sorted(range(len(spans)), key=lambda i: (-round(scores[i], 9), i))[:count]
    return "\n".join(spans[i].text for i in sorted(best))


class LexRank(Model):
    """The `sentences` most central sentences by TF-IDF cosine, one a line.

    Inverse document frequencies are those of the article's own sentences. Similarities below
    `threshold` do not count.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize",)
    role: ClassVar[Role] = "floor"

    sentences: Annotated[int, Field(ge=1)] = 3
    """How many sentences to take."""
    threshold: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Similarities below this do not count."""
    damping: Annotated[float, Field(gt=0, lt=1)] = 0.85
    """The probability that the walk follows a similarity and does not jump."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the options and the versions of the rules."""
        return {
            "kind": "lexrank",
            "revision": self.revision,
            "sentences": self.sentences,
            "threshold": self.threshold,
            "damping": self.damping,
            "splitter": SENTENCE_SPLITTER,
        }

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the central sentences."""
        return [self._predict(query.context) for query in queries]

    def _predict(self, context: str) -> Prediction:
        spans = sentences(context)
        if not spans:
            return Prediction("")
        similarity = tfidf_cosine([words(s.text) for s in spans])
        similarity[similarity < self.threshold] = 0.0
        scores = centrality(similarity, self.damping)
        return Prediction(top_sentences(spans, scores.tolist(), self.sentences))


def tfidf_cosine(documents: Sequence[Sequence[str]]) -> Matrix:
    """Return the n x n cosine similarities of TF-IDF vectors (equation 1 of Erkan and Radev).

    idf(w) is ln(n / number of documents with w).
    """
    n = len(documents)
    counts = [Counter(document) for document in documents]
    frequency = Counter(word for count in counts for word in count)
    column = {word: i for i, word in enumerate(frequency)}
    vectors = np.zeros((n, len(column)))
    for row, count in enumerate(counts):
        for word, times in count.items():
            vectors[row, column[word]] = times * math.log(n / frequency[word])
    return cosine(vectors)


def cosine(vectors: Matrix) -> Matrix:
    """Return the n x n cosine similarities of n row vectors; a zero row resembles nothing."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    similarity: Matrix = unit @ unit.T
    return similarity
