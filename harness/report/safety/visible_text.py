"""Hostile text made visible: nothing in it acts on the page, nothing is lost in silence.

Characters that a reader cannot see, or that change how others are read, become tokens:
`⟦U+202E⟧`, and `⟦U+0000 ×12⟧` for a run of them. What would fill the page (one endless word, a heap
of accents on one letter, a text of millions of characters) is clipped, with a token that says how
much. Places in the old text keep their places in the new one.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from harness.report.content.marks import flat
from harness.report.content.part import Mark, Marked
from harness.text import LabelledSpan

# A word, an accent's heap and a text are clipped when longer than this, to so much.
LONG_WORD, WORD_KEPT = 1_000, 500
MANY_ACCENTS, ACCENTS_KEPT = 8, 4
LONG_TEXT = 500_000

# Controls, formats, surrogates, private use, separators of lines, fillers, variation selectors, and
# code points that are no characters. Tab and line feed are seen as what they are; the signs that
# Arabic and Syriac write under numbers are formats that are seen.
HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
) + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(1, 15))

# Between letters of scripts that join (Arabic, Indic, and their like) and within an emoji, joiners
# and selectors spell the word or the picture.
_JOINING = (
    r"\u0600-\u085f\u08a0-\u0fff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18af\u1900-\u1cff"
)
_PICTURE = (
    r"\u00a9\u00ae\u203c\u2049\u2100-\u27ff\u2900-\u2bff\u3030\u303d\u3297\u3299"
    r"\U0001f000-\U0001faff"
)
_SPELLING = (
    rf"(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    rf"|(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])"
    rf"|(?<=[{_PICTURE}0-9#*])[\ufe0e\ufe0f]"
)
_ACCENT = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# What a line cannot be broken in: not white space, nor a script written without it, nor what is
# replaced anyway.
_SOLID = (
    rf"[^\s{HIDDEN}{_ACCENT}\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]"
)
_TROUBLE = re.compile(
    rf"(?P<spelling>{_SPELLING})|(?P<hidden>(?P<one>[{HIDDEN}])(?P=one)*)"
    rf"|(?P<accents>[{_ACCENT}]{{{MANY_ACCENTS + 1},}})"
)
_ASCII_TROUBLE = re.compile(r"(?P<hidden>(?P<one>[\x00-\x08\x0b-\x1f\x7f])(?P=one)*)(?P<accents>)")
_LONG = re.compile(rf"(?<!{_SOLID}){_SOLID}{{{LONG_WORD + 1},}}")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class _Change(NamedTuple):
    """`old[start:end]` is `token` in the new text."""

    start: int
    end: int
    token: str
    word: str


class Visible:
    r"""A text as a page can show it, and where its places have gone.

    >>> shown = Visible("a\u202eb")
    >>> shown.text, shown.place(2, 3)
    ('a⟦U+202E⟧b', (9, 10))
    """

    def __init__(self, text: str) -> None:
        """Make a text visible."""
        changes = _changes(text)
        self._changes = changes
        self._starts = [one.start for one in changes]
        grown = (len(one.token) - (one.end - one.start) for one in changes)
        self._shifts = [0, *accumulate(grown)]
        pieces, at = [], 0
        for one in changes:
            pieces += [text[at : one.start], one.token]
            at = one.end
        self.text = "".join([*pieces, text[at:]]) if changes else text
        self._wide = (
            [] if self.text.isascii() else [found.start() for found in _ASTRAL.finditer(self.text)]
        )
        self._own: list[LabelledSpan] = [
            (*self.place(one.start, one.end), one.word) for one in changes
        ]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where `old[start:end]` is in the new text, in UTF-16 code units.

        A range that begins or ends within what a token stands for has the token whole.
        """
        return self._at(start, end=False), self._at(end, end=True)

    def marks(self, ranges: Iterable[LabelledSpan] = ()) -> tuple[Mark, ...]:
        """Return ranges of the old text as flat marks of the new one, with those of its tokens."""
        return flat([*((*self.place(s, e), word) for s, e, word in ranges), *self._own])

    def marked(self, ranges: Iterable[LabelledSpan] = ()) -> Marked:
        """Return the new text with its marks."""
        return Marked(text=self.text, marks=self.marks(ranges))

    def _at(self, offset: int, *, end: bool) -> int:
        before = bisect_right(self._starts, offset - 1 if end else offset)
        if before and offset < self._changes[before - 1].end:
            one = self._changes[before - 1]
            place = one.start + self._shifts[before - 1] + (len(one.token) if end else 0)
        else:
            place = offset + self._shifts[before]
        return place + bisect_right(self._wide, place - 1)


def shown(text: str) -> str:
    r"""Return a text as a page can show it, where no places in it matter.

    >>> shown("a\0b")
    'a⟦U+0000⟧b'
    """
    return Visible(text).text


def brief(text: str, most: int = 100) -> str:
    """Return the beginning of a text on one line, as a page can show it."""
    line = " ".join(text[: 10 * most].split())
    if len(line) > most:
        line = line[: most - 1].rstrip() + "…"
    return shown(line)


def _changes(text: str) -> list[_Change]:
    """Return what is replaced in a text, in order, none overlapping."""
    head = text[:LONG_TEXT]
    trouble = _ASCII_TROUBLE if head.isascii() else _TROUBLE  # the same, and much faster
    found = [one for match in trouble.finditer(head) if (one := _change(match))]
    for match in _LONG.finditer(head) if len(head) > LONG_WORD else ():
        start = match.start() + WORD_KEPT
        token = f"⟦{match.end() - start:,} more characters of one word⟧"
        found.append(_Change(start, match.end(), token, "clipped"))
    if len(text) > LONG_TEXT:
        token = f"⟦{len(text) - LONG_TEXT:,} more characters⟧"
        found.append(_Change(LONG_TEXT, len(text), token, "clipped"))
    return sorted(found)


def _change(match: re.Match[str]) -> _Change | None:
    start, end = match.span()
    if match["hidden"]:
        times = f" ×{end - start:,}" if end - start > 1 else ""
        return _Change(start, end, f"⟦U+{ord(match['one']):04X}{times}⟧", "control")
    if match["accents"]:
        more = end - start - ACCENTS_KEPT
        return _Change(start + ACCENTS_KEPT, end, f"⟦{more:,} more accents⟧", "clipped")
    return None
