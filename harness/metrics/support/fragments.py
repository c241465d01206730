"""Extractive fragments: the runs of words that a summary has from its article.

Grusky, Naaman and Artzi, "Newsroom: A Dataset of 1.3 Million Summaries with Diverse Extractive
Strategies" (2018), by the procedure that the paper prints for the set F(A, S), to the letter: at
each word of the summary the article is read from its beginning, each run that matches is taken as
far as it goes, and the reading goes on behind it, so that a longer run that begins within another
is missed. The longest run is a fragment, and the summary goes on behind it.
"""

from collections.abc import Mapping, Sequence


class IndexedWords:
    """An article's words, and where each stands."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        positions: dict[str, list[int]] = {}
        for position, word in enumerate(words):
            positions.setdefault(word, []).append(position)
        self.positions: Mapping[str, Sequence[int]] = positions


def fragment_lengths(summary: Sequence[str], article: IndexedWords) -> list[int]:
    """Return the number of words of each extractive fragment of a summary, in its order.

    >>> fragment_lengths("b c x a".split(), IndexedWords("a b c d".split()))
    [2, 1]
    """
    words = article.words
    last = len(words) - 1
    lengths = []
    start = 0
    while start < len(summary):
        positions = article.positions.get(summary[start], ())
        longest = 1 if positions else 0
        behind = 0
        if start + 1 < len(summary):
            # A run of one word hides no longer one: all of them are passed over at once.
            after = summary[start + 1]
            positions = [p for p in positions if p < last and words[p + 1] == after]
            for position in positions:
                if position < behind:
                    continue
                length = 2
                most = min(len(summary) - start, len(words) - position)
                while length < most and summary[start + length] == words[position + length]:
                    length += 1
                behind = position + length
                longest = max(longest, length)
        if longest:
            lengths.append(longest)
        start += max(longest, 1)
    return lengths


def extractive_coverage(lengths: Sequence[int], words: int) -> float:
    """Return the share of a summary's words that are in fragments: 0 to 1."""
    return sum(lengths) / words


def extractive_density(lengths: Sequence[int], words: int) -> float:
    """Return the mean, over a summary's words, of the length of the fragment that each is in.

    From 0 to the number of words, which a summary that is one fragment has.
    """
    return sum(length * length for length in lengths) / words
