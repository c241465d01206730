"""Texts of the same length as a summary that know nothing: what its coverage is held against."""

from collections.abc import Sequence
from functools import lru_cache

from harness.files import sha256
from harness.records import Article
from harness.text import SENTENCE_SPLITTER, sentences, word_places

# How many times sentences are drawn for one summary, and the seed of the draws.
DRAWS = 16
SEED = 2025

LEAD_RULE = "lead:same-words-1"
RANDOM_RULE = f"random:{DRAWS}-draws-seed-{SEED}-{SENTENCE_SPLITTER}-1"


def lead(article: Article, words: int) -> str:
    """Return the first words of an article, as many as asked for, or all that it has.

    Of an event the order of the articles says nothing, so each gives its own first words: the same
    number, one more of the first ones where they do not divide, and what a short one lacks from the
    others. The outlets' names, which head the articles, are none of them.

    >>> lead(Article("a", "One two, three. Four", "a.txt", ""), 3)
    'One two, three.'
    """
    texts = _texts(article)
    places = _places(tuple(texts))
    counts = _shares([len(found) for found in places], words)
    return "\n".join(
        text[: found[count - 1][1]]
        for text, found, count in zip(texts, places, counts, strict=True)
        if count
    )


def random_sentences(article: Article, words: int, draw: int) -> list[str]:
    """Return sentences in random order, the last one cut to so many whole words.

    The draw depends on its number, the seed and the sentences alone.
    """
    chosen, left = [], words
    for sentence, places in _in_random_order(tuple(_texts(article)), draw):
        if left <= 0:
            break
        if places:
            chosen.append(sentence[: places[left - 1][1]] if len(places) >= left else sentence)
            left -= len(places)
    return chosen


@lru_cache(maxsize=1024)  # each draw from an article is cut to many lengths
def _in_random_order(
    texts: tuple[str, ...], draw: int
) -> tuple[tuple[str, Sequence[tuple[int, int]]], ...]:
    """Return the sentences of texts in the order of a draw, each with the places of its words."""
    found = _sentences(texts)
    lots = [sha256(f"{SEED}\n{draw}\n{i}\n{sentence}") for i, (sentence, _) in enumerate(found)]
    return tuple(found[i] for i in sorted(range(len(found)), key=lots.__getitem__))


@lru_cache(maxsize=64)  # an article has many leads
def _places(texts: tuple[str, ...]) -> tuple[Sequence[tuple[int, int]], ...]:
    """Return the places of each text's words."""
    return tuple(word_places(text) for text in texts)


@lru_cache(maxsize=64)  # of an article they are drawn many times
def _sentences(texts: tuple[str, ...]) -> tuple[tuple[str, Sequence[tuple[int, int]]], ...]:
    """Return the sentences of texts, each with the places of its words."""
    found = [part.text for text in texts for part in sentences(text)]
    return tuple((sentence, word_places(sentence)) for sentence in found)


def _texts(article: Article) -> list[str]:
    if not article.parts:
        return [article.text]
    return [article.text[part.start : part.end] for part in article.parts]


def _shares(available: list[int], total: int) -> list[int]:
    """Return how many each gives of a total: as equal as what is there allows, the first more."""
    counts = [0] * len(available)
    left = min(total, sum(available))
    while left:
        able = [i for i, most in enumerate(available) if counts[i] < most]
        for i in able:
            share = min(max(left // len(able), 1), available[i] - counts[i], left)
            counts[i] += share
            left -= share
    return counts
