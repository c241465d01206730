"""References made worse in a known way: what a measure must see, or is known not to.

Each takes an article with a reference summary and gives the reference, corrupted, or `None` where
it has nothing to corrupt. What is chosen of several follows from the seed and the texts alone. The
words of the negation are English.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple, TypeVar

from harness.metrics.unsupported import ArticleFacts, checked_spans
from harness.text import sentences, word_places, words

Option = TypeVar("Option")


class Pair(NamedTuple):
    """An article and one reference summary of it."""

    article: str
    reference: str


class Original(NamedTuple):
    """A pair before it is corrupted, other articles, and the seed of what is chosen."""

    article: str
    reference: str
    others: Sequence[str] = ()
    seed: int = 0


Corruption = Callable[[Original], str | None]

_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|did)"
    r"(?P<negated>\s+not)?(?=\s)",
)
_DIGITS = re.compile(r"\d[\d,]*")
_LONGEST_NUMBER = 24  # characters: Python reads no number of thousands of digits
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
# "One" is mostly no number.
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS[2:])})\b", re.IGNORECASE)
_POSSESSIVE = re.compile("['’]s$")


def number_changed(original: Original) -> str | None:
    """Make a number of the reference the next higher one that the article does not have.

    It is written in digits, or a word from two to twelve.
    """
    facts = _facts(original.article)
    places = [
        (span.start, span.end)
        for span in checked_spans(original.reference, facts)
        if span.kind == "number" and span.supported and span.end - span.start <= _LONGEST_NUMBER
    ]
    places += [match.span() for match in _NUMBER_WORD.finditer(original.reference)]
    if not places:
        return None
    start, end = _chosen(sorted(places), "number", original.reference, original.seed)
    new = next(
        written
        for written, in_digits in _higher_numbers(original.reference[start:end])
        if not all(span.supported for span in checked_spans(in_digits, facts))
    )
    return _replaced(original.reference, start, end, new)


def name_swapped(original: Original) -> str | None:
    """Put another name of the article, of other words, in the place of a name that it has."""
    names = _names(original.reference, _facts(original.article))
    others = _article_names(original.article)
    swaps = [
        (start, end, other)
        for start, end, name in names
        for name_words in (frozenset(words(name)),)
        for other, other_words in others.items()
        if not name_words & other_words
    ]
    if not swaps:
        return None
    start, end, other = _chosen(swaps, "name", original.reference, original.seed)
    return _replaced(original.reference, start, end, other)


def negated(original: Original) -> str | None:
    """Put "not" behind an auxiliary verb, or take it away; without one say that it is not true."""
    if not word_places(original.reference):
        return None
    verbs = list(_AUXILIARY.finditer(original.reference))
    if not verbs:
        return f"It is not true that {original.reference}"
    verb = _chosen(verbs, "negation", original.reference, original.seed)
    if verb["negated"]:
        return _replaced(original.reference, *verb.span("negated"), "")
    return _replaced(original.reference, verb.end(), verb.end(), " not")


def sentence_of_another_article(original: Original) -> str | None:
    """Add a sentence of another article, that this one does not have, at the end."""
    if not original.others:
        return None
    article = _chosen(original.others, "article", original.reference, original.seed)
    options = [part.text for part in sentences(article) if part.text not in original.article]
    if not options:
        return None
    return f"{original.reference} {_chosen(options, 'sentence', original.reference, original.seed)}"


def doubled(original: Original) -> str | None:
    """Say everything twice."""
    return f"{original.reference} {original.reference}" if original.reference.strip() else None


def cut(original: Original) -> str | None:
    """Leave the first half of the words."""
    places = word_places(original.reference)
    half = len(places) // 2
    return original.reference[: places[half - 1][1]] if half else None


def emptied(original: Original) -> str | None:
    """Leave nothing."""
    return "" if original.reference.strip() else None


def whole_article(original: Original) -> str | None:
    """Give the article as its own summary."""
    return original.article


CORRUPTIONS: Mapping[str, Corruption] = {
    "number changed": number_changed,
    "name swapped": name_swapped,
    "negated": negated,
    "sentence of another article": sentence_of_another_article,
    "doubled": doubled,
    "cut": cut,
    "emptied": emptied,
    "whole article": whole_article,
}

# Their words and capitals are English.
ENGLISH = frozenset(("name swapped", "negated"))


def _higher_numbers(number: str) -> Iterator[tuple[str, str]]:
    """Yield the numbers after one, written as it is, and in digits; words go up to twelve."""
    digits = _DIGITS.search(number)
    if digits is None:
        for value in count(_NUMBER_WORDS.index(number.lower()) + 1):
            word = _NUMBER_WORDS[value] if value < len(_NUMBER_WORDS) else str(value)
            yield word.capitalize() if number[0].isupper() else word, str(value)
        return
    for value in count(int(digits.group().replace(",", "")) + 1):
        written = f"{value:,}" if "," in digits.group() else str(value)
        written = number[: digits.start()] + written + number[digits.end() :]
        yield written, written


@lru_cache(maxsize=256)  # an article has several references, each corrupted several ways
def _facts(article: str) -> ArticleFacts:
    return ArticleFacts(article)


@lru_cache(maxsize=256)
def _article_names(article: str) -> Mapping[str, frozenset[str]]:
    """Return the names that an article has, in order, with their words."""
    return {name: frozenset(words(name)) for _, _, name in _names(article, _facts(article))}


def _names(text: str, facts: ArticleFacts) -> list[tuple[int, int, str]]:
    """Return the names in a text that an article has, neighbours as one, without possessives."""
    runs: list[list[int]] = []
    for span in checked_spans(text, facts):
        if span.kind != "name" or not span.supported:
            continue
        if runs and text[runs[-1][1] : span.start] == " ":
            runs[-1][1] = span.end
        else:
            runs.append([span.start, span.end])
    names = []
    for start, end in runs:
        name = _POSSESSIVE.sub("", text[start:end])
        names.append((start, start + len(name), name))
    return names


def _chosen(options: Sequence[Option], *key: object) -> Option:
    """Return one of some options, the same one for the same key in every version of Python."""
    digest = hashlib.sha256("|".join(map(str, key)).encode("utf-8", "surrogatepass")).digest()
    return options[int.from_bytes(digest) % len(options)]


def _replaced(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]
