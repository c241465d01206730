"""Sentences of a text, chosen one by one for what each adds to ROUGE-1 plus ROUGE-2 F1.

The numbers are those of `Rouge` on the chosen sentences as one text, to the last bit. But a
sentence is read once, however often it is tried, and counted by the n-grams that a reference has.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple, TypeVar

from harness.metrics.rouge.precision_recall import precision_recall_f1
from harness.metrics.rouge.tokenization import Vocabulary

_Bigram = tuple[int, int]
_Gram = TypeVar("_Gram", int, _Bigram)


class _Reference(NamedTuple):
    """How many words a reference has, and how often each, and each two in a row."""

    length: int
    words: Mapping[int, int]
    bigrams: Mapping[_Bigram, int]


class _Sentence(NamedTuple):
    """A sentence's place in its text, its words, and what of it some reference has."""

    place: int
    ids: Sequence[int]
    words: Sequence[int]
    bigrams: Sequence[_Bigram]


class SentenceChoice:
    """The sentences of a text that together come closest to the best of its references.

    `vocabulary` tells words, and which of them are one; it is cleared when it is full.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def choose(self, sentences: Sequence[str], references: Sequence[str], most: int) -> list[int]:
        """Return the places of at most so many sentences, in order; there is a reference or more.

        Each step takes the sentence that adds most, the first of equals, and none if nothing adds.
        """
        if self._vocabulary.full:
            self._vocabulary.clear()
        targets = [self._reference(text) for text in references]
        candidates = self._candidates(sentences, targets)
        chosen: list[_Sentence] = []
        gained = 0.0
        while len(chosen) < most:
            best = None
            for candidate in candidates:
                if candidate not in chosen:
                    tried = sorted([*chosen, candidate])
                    gain = _gain(tried, targets)
                    if gain > gained:
                        best, gained = tried, gain
            if best is None:
                break
            chosen = best
        return [sentence.place for sentence in chosen]

    def _reference(self, text: str) -> _Reference:
        ids = self._vocabulary.tokenize(text).ids
        return _Reference(len(ids), Counter(ids), Counter(pairwise(ids)))

    def _candidates(
        self, sentences: Sequence[str], references: Sequence[_Reference]
    ) -> list[_Sentence]:
        """Return the sentences with a word of a reference: others add nothing."""
        known = set(chain.from_iterable(reference.words for reference in references))
        known_bigrams = set(chain.from_iterable(reference.bigrams for reference in references))
        candidates = []
        for place, sentence in enumerate(sentences):
            ids = self._vocabulary.tokenize(sentence).ids
            if words := [word for word in ids if word in known]:
                bigrams = [bigram for bigram in pairwise(ids) if bigram in known_bigrams]
                candidates.append(_Sentence(place, ids, words, bigrams))
        return candidates


def _gain(sentences: Sequence[_Sentence], references: Sequence[_Reference]) -> float:
    """Return the F1 of ROUGE-1 plus that of ROUGE-2, each against its best reference."""
    length = sum(len(sentence.ids) for sentence in sentences)
    words = Counter(chain.from_iterable(sentence.words for sentence in sentences))
    between = ((a.ids[-1], b.ids[0]) for a, b in pairwise(sentences))
    bigrams = Counter(chain(between, *(sentence.bigrams for sentence in sentences)))
    return max(
        _f1(words, reference.words, length, reference.length, 1) for reference in references
    ) + max(
        _f1(bigrams, reference.bigrams, length, reference.length, 2) for reference in references
    )


def _f1(
    counts: Mapping[_Gram, int], known: Mapping[_Gram, int], length: int, known_length: int, n: int
) -> float:
    """Return the F1 of n-grams, each matching up to its count in the reference."""
    matches = sum([min(count, known.get(gram, 0)) for gram, count in counts.items()])
    return precision_recall_f1(matches, length, known_length, n)[2]
