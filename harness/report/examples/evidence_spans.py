"""Where golden evidence and answers stand in an article.

Words are looked for as they are; where they do not stand so, without regard to case, to the kind
of white space, and to straight or curly quotation marks. A word must be whole: "5" is not in "550".
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from harness.records import Article, Question

Place = tuple[int, int]

_QUOTES = str.maketrans("’‘“”", "''\"\"")
_SPACES = re.compile(r"\s+")


class Found(NamedTuple):
    """Where an answer stands, how often its words do, and the same in words.

    `recorded` says whether the model said where, or the words were looked for.
    """

    place: Place
    recorded: bool
    occurrences: int
    told: str


class Searchable:
    r"""A text in which words are looked for.

    >>> Searchable("5 of 550, not 5.").find("5")
    [(0, 1), (14, 15)]
    >>> Searchable('It was\n  a "deal".').find("was a “Deal”")
    [(3, 17)]
    """

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self.text = text

    def find(self, words: str) -> list[Place]:
        """Return where `words` stand, in characters, in order, none overlapping."""
        stripped = words.strip()
        if not stripped:
            return []
        found = list(_occurrences(stripped, self.text))
        if not found:
            folded, _, _ = self._folded
            loose, _, _ = _fold(stripped)
            found = [self._back(place) for place in _occurrences(loose, folded)]
        return found

    @cached_property
    def _folded(self) -> tuple[str, list[int], list[int]]:
        return _fold(self.text)

    def _back(self, place: Place) -> Place:
        _, ends, shifts = self._folded
        start, end = place
        return start + shifts[bisect_right(ends, start)], end + shifts[bisect_right(ends, end - 1)]


def _fold(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text for loose search, where its long spaces end, and what they hid till then."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    ends, hidden, at = [], [0], 0
    for match in _SPACES.finditer(low):
        more = match.end() - match.start() - 1
        if more:
            ends.append(match.start() + 1 - at)
            hidden.append(more)
            at += more
    return _SPACES.sub(" ", low).translate(_QUOTES), ends, list(accumulate(hidden))


def _occurrences(words: str, text: str) -> Iterator[Place]:
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        if not (_inner(text, start) or _inner(text, end)):
            yield start, end
            start = text.find(words, end)
        else:
            start = text.find(words, start + 1)


def _inner(text: str, at: int) -> bool:
    """Return whether a place is within a word."""
    return 0 < at < len(text) and _of_word(text[at - 1]) and _of_word(text[at])


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def evidence_places(question: Question, article: Article) -> tuple[list[Place], list[str]]:
    """Return where a question's golden evidence stands, and the evidence that was not found.

    In an event each piece is looked for in its own article.
    """
    parts = {part.article: (part.start, part.end) for part in article.parts}
    places: list[Place] = []
    lost: list[str] = []
    for one in question.evidence:
        start, end = parts.get(one.article, (0, len(article.text)))
        found = Searchable(article.text[start:end]).find(one.text)
        places += [(start + a, start + b) for a, b in found[:1]]
        if not found:
            lost.append(one.text)
    return places, lost


def answers_within(answers: Sequence[str], places: Sequence[Place], text: str) -> list[Place]:
    """Return where acceptable answers stand within these places, none within another."""
    found: set[Place] = set()
    for start, end in places:
        evidence = Searchable(text[start:end])
        for answer in answers:
            found |= {(start + a, start + b) for a, b in evidence.find(answer)}
    kept: list[Place] = []
    for one in sorted(found, key=lambda place: (place[0], -place[1])):
        if not kept or one[1] > kept[-1][1]:
            kept.append(one)
    return kept


def answer_place(
    answer: str, source: Searchable, evidence: Sequence[Place], recorded: Place | None = None
) -> Found | None:
    """Return where an answer stands in its source; `None` if its words do not, or it has none.

    The place that the model gave counts, if it gave one. Else, of several, the first within the
    evidence, or the first of all.
    """
    found = source.find(answer)
    if recorded is None and not found:
        return None
    chosen = recorded or next((one for one in found if _within(one, evidence)), found[0])
    told = _told(chosen, len(found), evidence, recorded=recorded is not None)
    return Found(chosen, recorded is not None, len(found), told)


def _within(place: Place, evidence: Sequence[Place]) -> bool:
    return any(start <= place[0] and place[1] <= end for start, end in evidence)


def _told(chosen: Place, count: int, evidence: Sequence[Place], *, recorded: bool) -> str:
    inside = "in the evidence" if _within(chosen, evidence) else "outside the evidence"
    where = f", {inside}" if evidence else ""
    if recorded:
        others = f"; the same words stand in {count} places" if count > 1 else ""
        return f"where the model found it{where}{others}"
    if count == 1:
        return f"the only place with these words{where}"
    first = "first " if not _within(chosen, evidence) else ""
    return f"the words stand in {count} places; marked is the {first}one{where[1:]}"
