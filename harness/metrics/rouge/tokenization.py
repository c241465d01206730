"""A text as numbers: its word forms, and where its sentences end.

Each word form is stemmed when it is first seen and stands as a small integer from then on;
forms of one stem share it. The default tokenizer is rouge-score's: the text in lower case, and
runs of ASCII letters and digits. The unicode tokenizer knows letters, digits and marks of every
script, after NFKC and lower-casing; in scripts that put no space between words (Han, Kana,
Thai, Lao, Khmer, Myanmar and their like) each character is a token.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from harness.metrics.characters import ascii_bytes

Tokenizer = Literal["default", "unicode"]
Stemmer = Callable[[bytes], bytes]

# The unicode tokenizer's rules, and the characters it knows.
UNICODE_TOKENIZER = f"unicode-1-ucd-{unicodedata.unidata_version}"

# A new vocabulary is begun when the old one is full, so that a stream of any length fits.
MAX_FORMS = 1 << 18

# Every byte of a text in UTF-8 to the letter, digit or space that it counts as. Of all other
# characters only U+0130 and U+212A have an ASCII letter in lower case: they are replaced before.
# A line feed stays, since sentences are parted by it.
ASCII_TABLE = bytes(
    byte + 32
    if 0x41 <= byte <= 0x5A
    else byte
    if 0x30 <= byte <= 0x39 or 0x61 <= byte <= 0x7A or byte == 0x0A
    else 0x20
    for byte in range(256)
)
_UNSPACED = ("CJK ", "HIRAGANA ", "KATAKANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ")


class TokenizedText(NamedTuple):
    """The numbers of a text's words, and where in them each sentence ends."""

    ids: Sequence[int]
    ends: Sequence[int]


class Vocabulary:
    """What gives a word form its number, the same number for forms with the same stem."""

    def __init__(self, tokenizer: Tokenizer, stem: Stemmer | None) -> None:
        self.tokenizer = tokenizer
        unicode = partial(_tokenize_unicode_lines, _CharacterReplacements())
        self._tokenize_lines = _tokenize_ascii_lines if tokenizer == "default" else unicode
        self._numbers = _Numbers(stem)

    @property
    def full(self) -> bool:
        """Whether it is time to begin anew, where nothing numbered before is needed."""
        return len(self._numbers) > MAX_FORMS

    def clear(self) -> None:
        """Forget every form: numbers given before mean nothing from here on."""
        self._numbers.clear()

    @property
    def size(self) -> int:
        """One more than the largest number given."""
        return len(self._numbers.stems)

    def number(self, form: bytes) -> int:
        """Return the number of a form."""
        return self._numbers[form]

    def tokenize(self, text: str) -> TokenizedText:
        """Return a text's words; each of its lines is a sentence."""
        ids: list[int] = []
        ends = []
        for line in self._tokenize_lines(text):
            ids += map(self._numbers.__getitem__, line)
            ends.append(len(ids))
        return TokenizedText(ids, ends)


class _Numbers(dict[bytes, int]):
    def __init__(self, stem: Stemmer | None) -> None:
        super().__init__()
        self._stem = stem
        self.stems: dict[bytes, int] = {}

    def __missing__(self, form: bytes) -> int:
        # rouge-score stems no word of up to three letters; the rules are for ASCII alone.
        stem = form
        if self._stem is not None and len(form) > 3 and form.isascii():
            stem = self._stem(form)
        number = self[form] = self.stems.setdefault(stem, len(self.stems))
        return number

    def clear(self) -> None:
        super().clear()
        self.stems.clear()


def _tokenize_ascii_lines(text: str) -> Iterable[list[bytes]]:
    data = ascii_bytes(text).translate(ASCII_TABLE)
    return map(bytes.split, data.split(b"\n"))


class _CharacterReplacements(dict[int, str]):
    """What each character counts as, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == "\n":
            replacement = character
        elif unicodedata.category(character)[0] not in "LNM":
            replacement = " "
        elif unicodedata.name(character, "").startswith(_UNSPACED):
            replacement = f" {character} "
        else:
            replacement = character
        self[code] = replacement
        return replacement


def _tokenize_unicode_lines(
    replacements: _CharacterReplacements, text: str
) -> Iterable[list[bytes]]:
    spaced = unicodedata.normalize("NFKC", text).lower().translate(replacements)
    data = spaced.encode("utf-8", "surrogatepass")
    return map(bytes.split, data.split(b"\n"))
