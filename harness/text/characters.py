r"""What a character is to a word: part of the one before it, a word of its own, or nothing.

Python's `\w` knows letters and digits and no combining marks, so that it parts a word of Hindi at
each vowel. Here a mark belongs to the letter before it, as in Unicode's grapheme clusters (UAX
#29), and what only shapes or joins letters is nothing. In scripts that put no space between words
(Han, Kana, Thai, Lao, Khmer, Burmese and their like) each letter, with its marks, is a word.
"""

import re
import unicodedata
from enum import Enum
from functools import cache
from typing import Literal

# What the names of letters of such scripts begin with.
_UNSPACED = (
    "CJK ", "HIRAGANA ", "KATAKANA ", "KATAKANA-", "HALFWIDTH KATAKANA ", "BOPOMOFO ",
    "IDEOGRAPHIC NUMBER ZERO", "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ", "TAI ",
    "NEW TAI LUE ",
)  # fmt: skip

# Letters by their category that go with the one before: the vowel AM of Thai and Lao, which UAX #29
# counts as a mark, and what repeats a character of Chinese or Japanese.
_GO_WITH_LETTER = frozenset("\u0e33\u0eb3々〻ゝゞヽヾ")

# Marks that say how a character is drawn, and nothing else.
_VARIATION_SELECTORS = frozenset(
    "\u034f\u180b\u180c\u180d\u180f"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)
_STRETCHES = "\u0640\u07fa"  # letters of Arabic and N'Ko: محـــمد
_ZERO_WIDTH_SPACE = "\u200b"  # where a word ends, in scripts that show no space


class Kind(Enum):
    """What a character is to a word."""

    LETTER = "letter"  # or a digit: part of a word
    MARK = "mark"  # part of the letter before it
    UNSPACED = "unspaced"  # a letter of a script without spaces
    NOTHING = "nothing"  # soft hyphens, joiners, variation selectors, what encloses or stretches
    OTHER = "other"  # between words


@cache
def kind(character: str) -> Kind:
    """Return what a character is.

    >>> [kind(character).value for character in "aि字\u00ad."]
    ['letter', 'mark', 'unspaced', 'nothing', 'other']
    """
    category = unicodedata.category(character)
    if character in _GO_WITH_LETTER:
        return Kind.MARK
    if character in _VARIATION_SELECTORS or character in _STRETCHES or category == "Me":
        return Kind.NOTHING
    if category == "Cf":
        return Kind.OTHER if character == _ZERO_WIDTH_SPACE else Kind.NOTHING
    if category[0] == "M":
        return Kind.MARK
    if category[0] not in "LN":
        return Kind.OTHER
    named_unspaced = unicodedata.name(character, "").startswith(_UNSPACED)
    return Kind.UNSPACED if named_unspaced and category != "Nd" else Kind.LETTER


# What stands for a mark and for a letter of a script without spaces while words are looked for: a
# letter to `re`, and a character that is none.
MARK = "\U00013000"
UNSPACED = "\ue000"


class _Kept(dict[int, str | None]):
    """For `str.translate`: each character itself, or nothing."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        self[code] = kept = None if kind(character) is Kind.NOTHING else character
        return kept


class _Shapes(dict[int, str]):
    """For `str.translate`: each character as `re` is to see it."""

    def __missing__(self, code: int) -> str:
        shapes = {Kind.MARK: MARK, Kind.NOTHING: MARK, Kind.UNSPACED: UNSPACED}
        itself = {MARK: "\U00013001", UNSPACED: "\ue001"}.get(chr(code), chr(code))
        self[code] = shape = shapes.get(kind(chr(code)), itself)
        return shape


_KEPT = _Kept()
_SHAPES = _Shapes()


def shape_of(text: str) -> str:
    """Return `text` as `re` is to see it, as long as it is.

    `MARK` stands for each mark and what is nothing, `UNSPACED` for each letter of a script without
    spaces.
    """
    return text if text.isascii() else text.translate(_SHAPES)


def fold_with_shape(text: str, language: str | None = None) -> tuple[str, str]:
    """Return `text` folded and without what is nothing, and the shape of that."""
    folded = fold(text, language)
    folded = folded if folded.isascii() else folded.translate(_KEPT)
    return folded, shape_of(folded)


# Languages in which I and i are two letters, each with its own other case.
_DOTLESS = frozenset(("tr", "az"))
_DOTLESS_CASE = str.maketrans({"I": "ı", "İ": "i"})

# Full-width and half-width characters, such as １ and ｶ.
_OTHER_WIDTH = re.compile("[\uff00-\uffef]+")


def fold(text: str, language: str | None = None, *, compatible: bool = False) -> str:
    r"""Return `text` without case, each letter composed and of the usual width.

    Case is Unicode's, and in Turkish and Azerbaijani theirs. `compatible` makes of all characters
    that only look otherwise, such as ligatures, the usual ones (NFKC).

    >>> fold("Stra\u00dfe \uff15")
    'strasse 5'
    >>> fold("ISPARTA", "tr")
    'ısparta'
    """
    if language in _DOTLESS:
        text = unicodedata.normalize("NFC", text).translate(_DOTLESS_CASE)
    if text.isascii():
        return text.lower()
    form: Literal["NFC", "NFKC"] = "NFKC" if compatible else "NFC"
    if not compatible:
        text = _OTHER_WIDTH.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    folded = unicodedata.normalize(form, text).casefold()
    composed = unicodedata.normalize(form, folded.replace("i\u0307", "i"))
    # NFKC takes the vowel AM of Thai and Lao apart.
    return composed.replace("\u0e4d\u0e32", "\u0e33").replace("\u0ecd\u0eb2", "\u0eb3")


def ascii_bytes(text: str) -> bytes:
    """Return a text in UTF-8, with what has an ASCII letter in lower case as that letter.

    Of all characters beyond ASCII these are U+0130, which has a mark after the letter, and U+212A.
    """
    if not text.isascii():
        text = text.replace("\u0130", "i ").replace("\u212a", "k")
    return text.encode("utf-8", "surrogatepass")
