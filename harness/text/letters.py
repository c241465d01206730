"""Letters of a text in two kinds: those that some way of telling words keeps, and the others."""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from harness.text.characters import Kind, ascii_bytes, kind

# How many letters a text has of the first kind, and how many of the other.
Letters = tuple[int, int]

_ASCII = bytes(range(128))
_NO_ASCII_LETTER = bytes(byte for byte in range(256) if not bytes([byte]).isalpha())


def ascii_letters(text: str) -> Letters:
    """Return the letters of a text that rouge-score's tokenizer keeps, and those that it drops.

    A mark that stands apart from its letter is dropped too, and counts as one.

    >>> ascii_letters("Müller, Köln 2024")
    (8, 2)
    """
    data = ascii_bytes(text)
    seen = len(data.translate(None, _NO_ASCII_LETTER))
    others = data.translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return seen, sum(map(_is_letter_or_accent, others)) if others else 0


def spaced_letters(text: str) -> Letters:
    """Return the letters of scripts with spaces between words, and those of scripts without.

    >>> spaced_letters("Bergen 卑尔根")
    (6, 3)
    """
    if text.isascii():
        return ascii_letters(text)
    unspaced = [character for character in text if kind(character) is Kind.UNSPACED]
    # Some are numbers to Python, such as the zero of 二〇二四.
    return sum(map(str.isalpha, text)) - sum(map(str.isalpha, unspaced)), len(unspaced)


@cache
def _is_letter_or_accent(character: str) -> bool:
    # Accents have the classes from 200 on; below are signs that a script cannot do without.
    return character.isalpha() or unicodedata.combining(character) >= 200


class LetterCount:
    """The letters of some texts by a way to count them, and the first text that has none seen."""

    def __init__(self, count: Callable[[str], Letters]) -> None:
        """Begin with no text; `count` is one of the functions above."""
        self.count = count
        self.seen = self.unseen = 0
        self.first_unseen: str | None = None

    def add(self, texts: Iterable[str]) -> None:
        """Count some more texts."""
        for text in texts:
            seen, unseen = self.count(text)
            self.seen += seen
            self.unseen += unseen
            if unseen and not seen and self.first_unseen is None:
                self.first_unseen = text
