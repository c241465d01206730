"""Hostile text made visible: nothing in it acts where it is shown, nothing is lost in silence.

Characters that a reader cannot see, that change how others are read, or that command a terminal,
become tokens: `⟦U+202E⟧`, and `⟦U+0000 ×12⟧` for a run of them. What would fill a page (one endless
word, a heap of accents on one letter, a text of millions of characters) is clipped, with a token
that says how much.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

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
    r"\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3"
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
_TOO_LONG_WORD = re.compile(rf"(?<!{_SOLID}){_SOLID}{{{LONG_WORD + 1},}}")


class Replacement(NamedTuple):
    """`old[start:end]` is `token` in the new text."""

    start: int
    end: int
    token: str
    word: str


def visible_text(text: str) -> str:
    r"""Return a text as it can be shown, where no places in it matter.

    >>> visible_text("a\0b")
    'a⟦U+0000⟧b'
    """
    return with_tokens(text, replacements(text))


def visible_excerpt(text: str, max_length: int = 100) -> str:
    """Return the beginning of a text on one line, as it can be shown."""
    line = " ".join(text[: 10 * max_length].split())
    if len(line) > max_length:
        line = line[: max_length - 1].rstrip() + "…"
    return visible_text(line)


def replacements(text: str) -> list[Replacement]:
    """Return what is replaced in a text, in order, none overlapping."""
    head = text[:LONG_TEXT]
    pattern = _ASCII_TROUBLE if head.isascii() else _TROUBLE  # the same, and much faster
    found = [
        replacement for match in pattern.finditer(head) if (replacement := _replacement(match))
    ]
    for match in _TOO_LONG_WORD.finditer(head) if len(head) > LONG_WORD else ():
        start = match.start() + WORD_KEPT
        token = f"⟦{match.end() - start:,} more characters of one word⟧"
        found.append(Replacement(start, match.end(), token, "clipped"))
    if len(text) > LONG_TEXT:
        token = f"⟦{len(text) - LONG_TEXT:,} more characters⟧"
        found.append(Replacement(LONG_TEXT, len(text), token, "clipped"))
    return sorted(found)


def with_tokens(text: str, replaced: Sequence[Replacement]) -> str:
    """Return a text with the tokens of its replacements in their places."""
    pieces, at = [], 0
    for replacement in replaced:
        pieces += [text[at : replacement.start], replacement.token]
        at = replacement.end
    return "".join([*pieces, text[at:]])


def _replacement(match: re.Match[str]) -> Replacement | None:
    start, end = match.span()
    if match["hidden"]:
        times = f" ×{end - start:,}" if end - start > 1 else ""
        return Replacement(start, end, f"⟦U+{ord(match['one']):04X}{times}⟧", "control")
    if match["accents"]:
        more = end - start - ACCENTS_KEPT
        return Replacement(start + ACCENTS_KEPT, end, f"⟦{more:,} more accents⟧", "clipped")
    return None
