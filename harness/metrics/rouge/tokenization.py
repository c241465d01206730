"""A text as numbers: its word forms, and where its sentences end.

Each word form is stemmed when it is first seen and stands as a small integer from then on;
forms of one stem share it. The default tokenizer is rouge-score's: the text in lower case, and
runs of ASCII letters and digits. The unicode tokenizer knows the letters, digits and marks of every
script, as `harness.text.characters` tells them, without case and after NFKC; in scripts that put
no space between words (Han, Kana, Thai, Lao, Khmer, Burmese and their like) each letter with its
marks is a token. What only parts sentences or ends a text (`<q>`, `<n>`, `</s>`) is no word. To the
tokenizer "spaces" words are what stands between spaces, as it is: for texts that another tokenizer
has parted.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple

from harness.text.characters import Kind, ascii_bytes, fold, kind

Tokenizer = Literal["default", "unicode", "spaces"]
Stemmer = Callable[[bytes], bytes]

# The unicode tokenizer's rules, and the characters it knows.
UNICODE_TOKENIZER = f"unicode-2-ucd-{unicodedata.unidata_version}"

# A new vocabulary is begun when the old one is full, so that a stream of any length fits. A run has
# a few, which hold some 300 bytes a form; twice as many made scoring no faster.
MAX_FORMS = 1 << 13

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
# What models and data sets put between sentences and around texts.
_MARKUP = re.compile(r"<(?:/?[a-z]|br ?/?|pad|unk|bos|eos|sep|cls|mask)>", re.IGNORECASE)

# A letter of a script without spaces, and what stands right after it that is none.
_ATTACHED = re.compile(r"\0(.)([^\0\s]+)")


class TokenizedText(NamedTuple):
    """The numbers of a text's words, and where in them each sentence ends."""

    ids: Sequence[int]
    ends: Sequence[int]


class Vocabulary:
    """What gives a word form its number, the same number for forms with the same stem."""

    def __init__(
        self, tokenizer: Tokenizer, stem: Stemmer | None, language: str | None = None
    ) -> None:
        self.tokenizer = tokenizer
        tokenizers: Mapping[Tokenizer, Callable[[str], Iterable[list[bytes]]]] = {
            "default": _tokenize_ascii_lines,
            "unicode": partial(_tokenize_unicode_lines, language),
            "spaces": _tokenize_spaced_lines,
        }
        self._tokenize_lines = tokenizers[tokenizer]
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
        stem = form if self._stem is None else self._stem(form)
        number = self[form] = self.stems.setdefault(stem, len(self.stems))
        return number

    def clear(self) -> None:
        super().clear()
        self.stems.clear()


def unicode_words(text: str, language: str | None = None) -> list[str]:
    """Return the words of a text as the unicode tokenizer has them, all lines in a row.

    >>> unicode_words("Bergen、卑尔根")
    ['bergen', '卑', '尔', '根']
    """
    folded = _folded(language, text)
    if folded.isascii():
        return ascii_bytes(folded).translate(ASCII_TABLE).decode("ascii").split()
    lines = _tokenize_folded_lines(folded)
    return [form.decode("utf-8", "surrogatepass") for line in lines for form in line]


def _tokenize_ascii_lines(text: str) -> Iterable[list[bytes]]:
    data = ascii_bytes(text).translate(ASCII_TABLE)
    return map(bytes.split, data.split(b"\n"))


class _Replacements(dict[int, str]):
    """What each character counts as, found out when it is first met.

    A letter of a script without spaces has a NUL before it.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == "\n":
            replacement = character
        elif kind(character) is Kind.UNSPACED:
            replacement = f"\0{character}"
        elif kind(character) is Kind.NOTHING:
            replacement = ""
        elif kind(character) is Kind.OTHER:
            replacement = " "
        else:
            replacement = character
        self[code] = replacement
        return replacement


_REPLACEMENTS = _Replacements()


def _tokenize_unicode_lines(language: str | None, text: str) -> Iterable[list[bytes]]:
    return _tokenize_folded_lines(_folded(language, text))


def _folded(language: str | None, text: str) -> str:
    """Return a text without case and markup, as the unicode tokenizer reads it."""
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    return fold(text, language, compatible=True)


def _tokenize_folded_lines(folded: str) -> Iterable[list[bytes]]:
    if folded.isascii():
        return _tokenize_ascii_lines(folded)
    spaced = folded.translate(_REPLACEMENTS)
    if "\0" in spaced:
        spaced = _with_spaces(spaced)
    data = spaced.encode("utf-8", "surrogatepass")
    return map(bytes.split, data.split(b"\n"))


def _with_spaces(text: str) -> str:
    """Return `text` with spaces around each letter, with its marks, that a NUL stands before."""
    return _ATTACHED.sub(_parted, text).replace("\0", " ")


def _parted(match: re.Match[str]) -> str:
    letter, rest = match.groups()
    end = 0
    while end < len(rest) and kind(rest[end]) is Kind.MARK:
        end += 1
    return f" {letter}{rest[:end]} {rest[end:]}"


def _tokenize_spaced_lines(text: str) -> Iterable[list[bytes]]:
    return (
        [form.encode("utf-8", "surrogatepass") for form in line.split()]
        for line in text.split("\n")
    )
