"""The passages that an article is read in: sentences, or as many together as there is room for."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

from harness.text import sentences

Granularity = Literal["sentence", "chunk"]
Range = tuple[int, int]


def passages(
    text: str, offsets: Sequence[Range], room: int, granularity: Granularity
) -> list[Range]:
    """Return where each passage of a text stands, in order; together they have every word.

    `offsets` are the places of the text's tokens, `room` how many of them a passage may have. A
    sentence that is longer is parted where its tokens part; a `chunk` is as many sentences as fit.

    >>> text = "Ann ran. Bob sat down on it."
    >>> tokens = [(0, 3), (4, 7), (7, 8), (9, 12), (13, 16), (17, 21), (22, 24), (25, 27), (27, 28)]
    >>> [text[start:end] for start, end in passages(text, tokens, 4, "sentence")]
    ['Ann ran.', 'Bob sat down on ', 'it.']
    >>> passages(text, tokens, 9, "chunk")
    [(0, 28)]
    """
    pieces = list(_pieces(text, offsets, room))
    if granularity == "sentence":
        return [(start, end) for start, end, _ in pieces]
    packed: list[tuple[int, int, int]] = []
    for start, end, count in pieces:
        if packed and packed[-1][2] + count <= room:
            packed[-1] = (packed[-1][0], end, packed[-1][2] + count)
        else:
            packed.append((start, end, count))
    return [(start, end) for start, end, _ in packed]


def _pieces(text: str, offsets: Sequence[Range], room: int) -> Iterator[tuple[int, int, int]]:
    """Yield where sentences stand, or parts of those that are too long, and their tokens."""
    starts = [start for start, _ in offsets]
    for span in sentences(text):
        first, last = bisect_left(starts, span.start), bisect_left(starts, span.end)
        if first == last:  # its one token begins with the blank before it
            yield span.start, span.end, 1
        for at in range(first, last, room):
            following = min(at + room, last)
            start = span.start if at == first else starts[at]
            end = span.end if following == last else starts[following]
            yield start, end, following - at
