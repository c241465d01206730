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

CharSpan = tuple[int, int]

_QUOTES = str.maketrans("’‘“”", "''\"\"")
_SPACES = re.compile(r"\s+")


class AnswerSpan(NamedTuple):
    """Where an answer stands, how often its words do, and the same in words.

    `recorded` says whether the model said where, or the words were looked for.
    """

    span: CharSpan
    recorded: bool
    occurrences: int
    description: str


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

    def find(self, words: str) -> list[CharSpan]:
        """Return where `words` stand, in characters, in order, none overlapping."""
        stripped = words.strip()
        if not stripped:
            return []
        spans = list(_occurrences(stripped, self.text))
        if not spans:
            folded, _, _ = self._folded
            folded_words, _, _ = _fold(stripped)
            spans = [self._unfolded(span) for span in _occurrences(folded_words, folded)]
        return spans

    @cached_property
    def _folded(self) -> tuple[str, list[int], list[int]]:
        return _fold(self.text)

    def _unfolded(self, span: CharSpan) -> CharSpan:
        _, ends, shifts = self._folded
        start, end = span
        return start + shifts[bisect_right(ends, start)], end + shifts[bisect_right(ends, end - 1)]


def _fold(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text for loose search, where its long spaces end, and what they hid till then."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    ends, hidden, removed = [], [0], 0
    for match in _SPACES.finditer(lowered):
        extra = match.end() - match.start() - 1
        if extra:
            ends.append(match.start() + 1 - removed)
            hidden.append(extra)
            removed += extra
    return _SPACES.sub(" ", lowered).translate(_QUOTES), ends, list(accumulate(hidden))


def _occurrences(words: str, text: str) -> Iterator[CharSpan]:
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        if not (_within_word(text, start) or _within_word(text, end)):
            yield start, end
            start = text.find(words, end)
        else:
            start = text.find(words, start + 1)


def _within_word(text: str, offset: int) -> bool:
    """Return whether an offset is within a word."""
    return (
        0 < offset < len(text)
        and _is_word_character(text[offset - 1])
        and _is_word_character(text[offset])
    )


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character == "_"


def evidence_spans(question: Question, article: Article) -> tuple[list[CharSpan], list[str]]:
    """Return where a question's golden evidence stands, and the evidence that was not found.

    In an event each piece is looked for in its own article.
    """
    article_ranges = {part.article: (part.start, part.end) for part in article.parts}
    spans: list[CharSpan] = []
    missing: list[str] = []
    for evidence in question.evidence:
        start, end = article_ranges.get(evidence.article, (0, len(article.text)))
        occurrences = Searchable(article.text[start:end]).find(evidence.text)
        spans += [(start + a, start + b) for a, b in occurrences[:1]]
        if not occurrences:
            missing.append(evidence.text)
    return spans, missing


def acceptable_answer_spans(
    answers: Sequence[str], spans: Sequence[CharSpan], text: str
) -> list[CharSpan]:
    """Return where acceptable answers stand within these places, none within another."""
    occurrences: set[CharSpan] = set()
    for start, end in spans:
        searchable = Searchable(text[start:end])
        for answer in answers:
            occurrences |= {(start + a, start + b) for a, b in searchable.find(answer)}
    outermost: list[CharSpan] = []
    for span in sorted(occurrences, key=lambda span: (span[0], -span[1])):
        if not outermost or span[1] > outermost[-1][1]:
            outermost.append(span)
    return outermost


def answer_span(
    answer: str, source: Searchable, evidence: Sequence[CharSpan], recorded: CharSpan | None = None
) -> AnswerSpan | None:
    """Return where an answer stands in its source; `None` if its words do not, or it has none.

    The place that the model gave counts, if it gave one. Else, of several, the first within the
    evidence, or the first of all.
    """
    occurrences = source.find(answer)
    if recorded is None and not occurrences:
        return None
    chosen = recorded or next(
        (span for span in occurrences if _within_any(span, evidence)), occurrences[0]
    )
    description = _describe(chosen, len(occurrences), evidence, recorded=recorded is not None)
    return AnswerSpan(chosen, recorded is not None, len(occurrences), description)


def _within_any(span: CharSpan, evidence: Sequence[CharSpan]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in evidence)


def _describe(chosen: CharSpan, count: int, evidence: Sequence[CharSpan], *, recorded: bool) -> str:
    inside = "in the evidence" if _within_any(chosen, evidence) else "outside the evidence"
    placement = f", {inside}" if evidence else ""
    if recorded:
        repeats = f"; the same words stand in {count} places" if count > 1 else ""
        return f"where the model found it{placement}{repeats}"
    if count == 1:
        return f"the only place with these words{placement}"
    first = "first " if not _within_any(chosen, evidence) else ""
    return f"the words stand in {count} places; marked is the {first}one{placement[1:]}"
