"""Where in its article each sentence of a summary is borne out, and how far.

A sentence of the summary is held against each two neighbouring sentences of the article. What
counts is the share of its words that stand there in the same order: the heaviest common
subsequence, over the weight of the whole sentence. The best place counts. So words that are
gathered from all over the article bear nothing out, and neither does a sentence turned round.

A word weighs ln((n + 1) / d), where d of the article's n sentences have its stem: what stands
everywhere weighs little (inverse document frequency; Spärck Jones, 1972, of sentences). A word
that the article does not have weighs as one that stands in one sentence.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from harness.metrics.support.reading import SentenceWords

if TYPE_CHECKING:
    from numpy.typing import NDArray

SENTENCES = 2  # of the article, neighbours, that may bear out one of the summary together

# A word that is this part of a text, or more, is looked at with all others at once: it is faster.
_FREQUENT = 16

# So many words that two texts share are few.
_SHORT = 48

# Weights are whole numbers of this part, so that their sums are exact in any order.
_UNIT = 2**-32


class SentenceSupport(NamedTuple):
    """How far a summary's sentence, `summary[start:end]`, is borne out, in [0, 1], and where.

    The place is `article[article_start:article_end]`: one sentence or two; `None` where no word of
    the summary's stands in the article.
    """

    start: int
    end: int
    support: float
    article_start: int | None
    article_end: int | None


class LocalizedArticle:
    """An article, read once for all its summaries."""

    def __init__(self, sentences: Sequence[SentenceWords]) -> None:
        self._sentences = sentences
        count = len(sentences)
        frequencies = Counter(stem for sentence in sentences for stem in set(sentence.stems))
        self._rarest = _weight(count + 1)
        self._weights = {stem: _weight((count + 1) / d) for stem, d in frequencies.items()}
        self._places = [
            sentences[i : i + SENTENCES] for i in range(max(count - SENTENCES + 1, min(count, 1)))
        ]
        self._stems = [[stem for part in place for stem in part.stems] for place in self._places]
        self._places_of: dict[str, list[int]] = {}
        for place, stems in enumerate(self._stems):
            for stem in dict.fromkeys(stems):
                self._places_of.setdefault(stem, []).append(place)

    def support(self, summary: Sequence[SentenceWords]) -> list[SentenceSupport]:
        """Return how far each sentence is borne out, and where.

        Of equal places it is the one that shares most with the sentence in any order, then the
        first.
        """
        known: dict[tuple[str, ...], tuple[float, int | None, int | None]] = {}
        for sentence in summary:
            if sentence.stems not in known:  # what goes round in circles is looked at once
                known[sentence.stems] = self._best_place(sentence.stems)
        return [
            SentenceSupport(sentence.start, sentence.end, *known[sentence.stems])
            for sentence in summary
        ]

    def _best_place(self, stems: Sequence[str]) -> tuple[float, int | None, int | None]:
        weights = [self._weights.get(stem, self._rarest) for stem in stems]
        best, best_place = 0, -1
        for bound, place in self._bounds(stems):
            if -bound <= best:
                break
            if any(part.stems == stems for part in self._places[place]):
                best, best_place = -bound, place  # word for word: there is no more
                break
            weight = heaviest_common_subsequence(stems, weights, self._stems[place])
            if weight > best:
                best, best_place = weight, place
        if not best:
            return 0.0, None, None
        parts = self._narrowed(self._places[best_place], stems, weights, best)
        return best / sum(weights), parts[0].start, parts[-1].end

    def _bounds(self, stems: Sequence[str]) -> list[tuple[int, int]]:
        """Return the weight of the words that each place shares, negative, the most first.

        In order it has no more of them; so most places need no closer look.
        """
        bounds: dict[int, int] = {}
        for stem, count in Counter(stems).items():
            weight = count * self._weights.get(stem, 0)
            for place in self._places_of.get(stem, ()):
                bounds[place] = bounds.get(place, 0) - weight
        return sorted((bound, place) for place, bound in bounds.items())

    @staticmethod
    def _narrowed(
        place: Sequence[SentenceWords], stems: Sequence[str], weights: Sequence[int], best: int
    ) -> Sequence[SentenceWords]:
        """Return the one sentence of a place that has all of it, if one has."""
        for part in place:
            if part.stems == stems:
                return [part]
            there = set(part.stems)
            shared = sum(w for stem, w in zip(stems, weights, strict=True) if stem in there)
            # In order it has no more than that; so most parts need no closer look.
            if shared >= best and heaviest_common_subsequence(stems, weights, part.stems) == best:
                return [part]
        return place


def heaviest_common_subsequence(
    words: Sequence[str], weights: Sequence[int], others: Sequence[str]
) -> int:
    """Return the weight of the heaviest subsequence of `words` that `others` has in this order.

    The dynamic programme of the longest one (Wagner and Fischer, 1974), a row at a time.

    >>> heaviest_common_subsequence("abc", [1, 5, 2], "bac")
    7
    """
    wanted = set(words)
    shared = [other for other in others if other in wanted]
    positions: dict[str, list[int]] = {}
    for i, other in enumerate(shared):
        positions.setdefault(other, []).append(i)
    if len(shared) <= _SHORT:
        return _heaviest_of_short(words, weights, positions, len(shared))
    places = {word: np.array(at) for word, at in positions.items()}
    gains: dict[str, NDArray[np.int64]] = {}
    row = np.zeros(len(shared) + 1, np.int64)
    for word, weight in zip(words, weights, strict=True):
        at = places.get(word)
        if at is None:
            continue
        if len(at) * _FREQUENT >= len(shared):
            if word not in gains:
                gains[word] = np.zeros(len(shared), np.int64)
                gains[word][at] = weight
            np.maximum(row[1:], row[:-1] + gains[word], out=row[1:])
        else:
            row[at + 1] = np.maximum(row[at + 1], row[at] + weight)
        np.maximum.accumulate(row, out=row)
    return int(row[-1])


def _heaviest_of_short(
    words: Sequence[str],
    weights: Sequence[int],
    positions: Mapping[str, Sequence[int]],
    length: int,
) -> int:
    """Return the same, place by place: for few places numpy's calls take longer than the sums."""
    row = [0] * (length + 1)
    for word, weight in zip(words, weights, strict=True):
        for place in reversed(positions.get(word, ())):
            gained = row[place] + weight
            for i in range(place + 1, length + 1):
                if row[i] >= gained:
                    break
                row[i] = gained
    return row[-1]


def _weight(ratio: float) -> int:
    return round(math.log(ratio) / _UNIT)
