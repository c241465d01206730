"""Hostile text made visible (`harness.visible`), with the places in it kept.

A place in the old text has its place in the new one, so that marks can still say what they are of.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from harness.report.content.marks import flatten_marks
from harness.report.content.part import Mark, Marked
from harness.text import LabelledSpan
from harness.visible import replacements, with_tokens

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class VisibleText:
    r"""A text as a page can show it, and where its places have gone.

    >>> visible = VisibleText("a\u202eb")
    >>> visible.text, visible.map_span(2, 3)
    ('a⟦U+202E⟧b', (9, 10))
    """

    def __init__(self, text: str) -> None:
        """Make a text visible."""
        self._replacements = replacements(text)
        self._starts = [replacement.start for replacement in self._replacements]
        growth = (
            len(replacement.token) - (replacement.end - replacement.start)
            for replacement in self._replacements
        )
        self._shifts = [0, *accumulate(growth)]
        self.text = with_tokens(text, self._replacements)
        self._astral_offsets = (
            [] if self.text.isascii() else [match.start() for match in _ASTRAL.finditer(self.text)]
        )
        self._token_spans: list[LabelledSpan] = [
            (*self.map_span(replacement.start, replacement.end), replacement.word)
            for replacement in self._replacements
        ]

    def map_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `old[start:end]` is in the new text, in UTF-16 code units.

        A range that begins or ends within what a token stands for has the token whole.
        """
        return self._map_offset(start, end=False), self._map_offset(end, end=True)

    def marks(self, ranges: Iterable[LabelledSpan] = ()) -> tuple[Mark, ...]:
        """Return ranges of the old text as flat marks of the new one, with those of its tokens."""
        return flatten_marks(
            [
                *((*self.map_span(start, end), word) for start, end, word in ranges),
                *self._token_spans,
            ]
        )

    def marked(self, ranges: Iterable[LabelledSpan] = ()) -> Marked:
        """Return the new text with its marks."""
        return Marked(text=self.text, marks=self.marks(ranges))

    def _map_offset(self, offset: int, *, end: bool) -> int:
        replaced_before = bisect_right(self._starts, offset - 1 if end else offset)
        if replaced_before and offset < self._replacements[replaced_before - 1].end:
            replacement = self._replacements[replaced_before - 1]
            mapped = (
                replacement.start
                + self._shifts[replaced_before - 1]
                + (len(replacement.token) if end else 0)
            )
        else:
            mapped = offset + self._shifts[replaced_before]
        return mapped + bisect_right(self._astral_offsets, mapped - 1)
