"""Numbers, names and quotes of a summary that its article does not have.

A number is written in digits. Its thousands' commas and a decimal's last zeros do not count, and a
word of size after it does: "1,000", "1000" and "1 thousand" are one number. The article may have
it in digits, or as a word from zero to twelve, or first to twelfth. A number without a word of
size is also there if the article has its digits with one.

A name is a capitalized word, or several in a row, that does not begin a sentence or a quotation.
It is not there if one of its words is nowhere in the article, in whatever case, hyphens parted
("US-led" has one capitalized word), without a possessive ending and without the stops of an
acronym. The words that are not there are marked.

A quote stands between double quotation marks. It is there if its words stand in the article in a
row, in whatever case and with whatever marks between them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from harness.text import LabelledSpan, sentences, words
from harness.text.characters import fold

_SIZES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "bn": 10**9, "tn": 10**12, "mn": 10**6, "k": 10**3,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:[\s-]?(?P<size>{'|'.join(_SIZES)})\b)?",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve".split(),
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh "
    "twelfth".split(),
)
_VALUE_OF_NUMBER_WORD = {
    word: Decimal(n) for names in _NUMBER_WORDS for n, word in enumerate(names)
}
_NAME = re.compile(r"[^\W\d_][\w\u0300-\u036f’'.-]*")  # accents that stand apart, too
_QUOTE = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
_OPENS = re.compile(r"(?:[“\"‘'(\[]|:\s)\s*$")
_LOOK_BACK = 24  # from a name to what opens before it: blanks
_NEVER_NAMES = frozenset("I I'm I'd I'll I've Mr Mrs Ms Dr".split())


@dataclass(frozen=True)
class ArticleFacts:
    """An article, looked at for what summaries may have from it."""

    text: str

    @cached_property
    def numbers(self) -> frozenset[Decimal]:
        """Every number with its word of size, and the value of number words."""
        in_digits = {value for _, _, value, _ in _numbers(self.text)}
        return frozenset(
            in_digits
            | {
                _VALUE_OF_NUMBER_WORD[word]
                for word in words(self.text)
                if word in _VALUE_OF_NUMBER_WORD
            }
        )

    @cached_property
    def digits(self) -> frozenset[Decimal]:
        """Every number without its word of size, and every run of digits within a word."""
        runs = {Decimal(run) for run in _DIGITS.findall(_NUMBER.sub(" ", self.text))}
        return frozenset(runs | {bare for _, _, _, bare in _numbers(self.text)})

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word as names are looked for."""
        return frozenset(part for name in _NAME.findall(self.text) for part in _parts(name))

    @cached_property
    def word_sequence(self) -> str:
        """All words in a row, with one space around each."""
        return _word_sequence(self.text)


class CheckedSpan(NamedTuple):
    """A number, name or quote of a summary, `summary[start:end]`, looked for in its article."""

    start: int
    end: int
    kind: str
    supported: bool


def checked_spans(summary: str, facts: ArticleFacts) -> list[CheckedSpan]:
    """Return every number, name and quote of a summary in order, and if the article has it.

    Of a name each capitalized word is one.
    """
    return sorted(
        [
            *_checked_numbers(summary, facts),
            *_checked_names(summary, facts),
            *_checked_quotes(summary, facts),
        ]
    )


def unsupported_spans(summary: str, facts: ArticleFacts) -> list[LabelledSpan]:
    """Return the numbers, names and quotes that the article does not have, as ranges in order."""
    return [
        (span.start, span.end, span.kind)
        for span in checked_spans(summary, facts)
        if not span.supported
    ]


def _checked_numbers(summary: str, facts: ArticleFacts) -> Iterator[CheckedSpan]:
    for start, end, value, bare in _numbers(summary):
        unsized = value == bare
        supported = value in facts.numbers or (unsized and bare in facts.digits)
        yield CheckedSpan(start, end, "number", supported)


def _numbers(text: str) -> Iterator[tuple[int, int, Decimal, Decimal]]:
    """Yield where numbers stand, their values, and their values without a word of size."""
    for match in _NUMBER.finditer(text):
        bare = Decimal(match["digits"].replace(",", ""))
        size = _SIZES[match["size"].lower()] if match["size"] else 1
        yield match.start(), match.end(), bare * size, bare


def _checked_names(summary: str, facts: ArticleFacts) -> Iterator[CheckedSpan]:
    for sentence in sentences(summary):
        for place, match in enumerate(_NAME.finditer(sentence.text)):
            name = match.group().rstrip(".'’-")
            if not name[0].isupper():  # most words: no need to look at what stands before them
                continue
            before = max(0, match.start() - _LOOK_BACK)
            begins = place == 0 or _OPENS.search(sentence.text, before, match.start())
            if begins or name.replace("’", "'") in _NEVER_NAMES:
                continue
            capitalized = [part for part in name.split("-") if part[:1].isupper()]
            start = sentence.start + match.start()
            supported = all(bare in facts.words for part in capitalized for bare in _parts(part))
            yield CheckedSpan(start, start + len(name), "name", supported)


@lru_cache(maxsize=4096)  # an article has a name many times, and its summaries again
def _parts(name: str) -> tuple[str, ...]:
    """Return a name's words as they are compared.

    >>> _parts("U.S.-Japan’s")
    ('us', 'japan')
    """
    parts = [fold(part).replace("’", "'").removesuffix("'s") for part in name.split("-")]
    return tuple(bare for part in parts if (bare := part.replace(".", "").strip("'")))


def _checked_quotes(summary: str, facts: ArticleFacts) -> Iterator[CheckedSpan]:
    for match in _QUOTE.finditer(summary):
        quoted = _word_sequence(match[1] or match[2])
        if quoted.strip():
            supported = quoted in facts.word_sequence
            yield CheckedSpan(match.start(), match.end(), "quote", supported)


def _word_sequence(text: str) -> str:
    return f" {' '.join(words(text))} "
