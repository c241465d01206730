"""n-grams of a summary that its article does not have (as in See, Liu and Manning, 2017)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

SIZES = (1, 2, 3)

NGram = tuple[str, ...]
Word = TypeVar("Word")


def ngrams(words: Sequence[Word], n: int) -> Iterator[tuple[Word, ...]]:
    """Return the runs of n words, in order; none where there are fewer words."""
    return zip(*(words[offset:] for offset in range(n)), strict=False)


def novel_share(summary: Iterable[NGram], article: frozenset[NGram]) -> float | None:
    """Return the share of the summary's n-grams, each as often as it has it, that are not there.

    `None` for a summary without any.

    >>> novel_share(ngrams("a b a c".split(), 2), frozenset(ngrams("c a b".split(), 2)))
    0.6666666666666666
    """
    novel = [ngram not in article for ngram in summary]
    return sum(novel) / len(novel) if novel else None
