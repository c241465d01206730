"""The sentence that shares most words with the question: the floor of question answering."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.models.model import Model
from harness.records import Prediction, Query, Role, Task
from harness.text import SENTENCE_SPLITTER, sentences, words


class BestSentence(Model):
    """The sentence with the greatest lexical overlap with the question, the first of equals.

    Each shared word counts once, by its inverse document frequency ln(n / n_w) over the
    article's n sentences. It always answers.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    role: ClassVar[Role] = "floor"

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the versions of the rules."""
        return {"kind": "best-sentence", "revision": self.revision, "splitter": SENTENCE_SPLITTER}

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the best sentences."""
        return [Prediction(_best(query.context, query.question or "")) for query in queries]


def _best(context: str, question: str) -> str:
    spans = sentences(context)
    word_sets = [set(words(sentence.text)) for sentence in spans]
    frequency = Counter(word for sentence_words in word_sets for word in sentence_words)
    question_words = set(words(question))

    def overlap(index: int) -> float:
        return math.fsum(
            math.log(len(spans) / frequency[w]) for w in question_words & word_sets[index]
        )

    # max keeps the first of equals; fsum gives the same sum in any order of a set.
    return spans[max(range(len(spans)), key=overlap)].text if spans else ""
