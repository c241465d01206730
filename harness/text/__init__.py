"""Plain text: regular spaces, sentences with offsets, words."""

import re

from harness.text.characters import MARK, UNSPACED, fold_with_shape, shape_of
from harness.text.splitting import SENTENCE_SPLITTER, Span, sentences

__all__ = [
    "SENTENCE_SPLITTER",
    "LabelledSpan",
    "Span",
    "folded",
    "has_word",
    "normalize_spaces",
    "replace_lone_surrogates",
    "sentences",
    "word_count",
    "word_places",
    "words",
]

_SPACE = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile("[\u200b\ufeff]")
_WORD = re.compile(rf"{UNSPACED}{MARK}*|[^\W{MARK}]\w*(?:[’'.,-]\w+)*")
# The same where all is ASCII, which is faster.
_ASCII_WORD = re.compile(r"\w+(?:['.,-]\w+)*", re.ASCII)
_PLACE = re.compile(rf"{UNSPACED}{MARK}*|[^\s{UNSPACED}]+")

_BEGINNING = 200

# A piece of a text, `text[start:end]`, and what it is.
LabelledSpan = tuple[int, int, str]


def normalize_spaces(text: str) -> str:
    r"""Return `text` with each run of blanks as one space and invisible marks gone.

    Line breaks stay, other characters too: wording is never touched.

    >>> normalize_spaces("a\u00a0 b\tc ")
    'a b c'
    """
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def has_word(text: str) -> bool:
    """Return whether a text has a word, as `words` has them.

    >>> has_word("A deal."), has_word("?!")
    (True, False)
    """
    parts = (text[:_BEGINNING], text)  # nearly all have one early
    return any(_WORD.search(fold_with_shape(part)[1]) for part in parts)


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded, curly apostrophes made straight.

    A mark belongs to its letter, joiners are nothing, and in a script without spaces each letter is
    a word (`harness.text.characters`).

    >>> words("Japan’s $550 billion plan")
    ["japan's", '550', 'billion', 'plan']
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    letters, shape = fold_with_shape(text)
    found = _WORD.finditer(shape)
    return [letters[match.start() : match.end()].replace("’", "'") for match in found]


def folded(text: str) -> str:
    """Return a text in which each of its `words` stands: case folded, apostrophes straight.

    >>> folded("Japan’s PLAN")
    "japan's plan"
    """
    return fold_with_shape(text)[0].replace("’", "'")


def word_count(text: str) -> int:
    """Return how many words `text` has: `len(words(text))`, without making them.

    >>> word_count("Japan's $550 billion plan")
    4
    """
    return len(_ASCII_WORD.findall(text)) if text.isascii() else len(words(text))


def word_places(text: str) -> list[tuple[int, int]]:
    """Return where words are, as people count them: what white space parts, with its marks.

    In a script without spaces each letter is one.

    >>> word_places("In 2024年")
    [(0, 2), (3, 7), (7, 8)]
    """
    return [match.span() for match in _PLACE.finditer(shape_of(text))]


def replace_lone_surrogates(text: str) -> str:
    r"""Return `text` with lone surrogates, which no file can hold, made U+FFFD.

    >>> replace_lone_surrogates("a\ud800") == "a\ufffd"
    True
    """
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
