"""Fit an article into the model's window, and say what the model does not see of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.errors import ModelError
from harness.records import Query

# What becomes of a source that is too long: its end goes; its middle goes; or, of summaries,
# windows of it are summarized, and then their summaries.
Long = Literal["cut", "middle", "map-reduce"]

# Stands where a middle was, so that no sentence seems to go on across the gap.
GAP = "\n\n[…]\n\n"

Render = Callable[[Query], tuple[str, list[int]]]
Offsets = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Fitted:
    """A prompt that fits: the query as the model sees it, its text and tokens, and the cut.

    `source_tokens` and `kept_tokens` count the article alone. `dropped` holds the ranges of the
    article's characters that the model does not see.
    """

    query: Query
    text: str
    ids: list[int]
    source_tokens: int
    kept_tokens: int
    dropped: tuple[tuple[int, int], ...] = ()


def fit(tokenizer: Any, query: Query, render: Render, room: int, long: Long = "cut") -> Fitted:
    """Return the prompt with as much of the article as `room` tokens hold.

    `render` gives a query's prompt as text and tokens. The article loses its end, or with
    "middle" its middle; never the question or the instructions after it. Raises ModelError if
    there is no room for those.
    """
    offsets = source_offsets(tokenizer, query.context)
    keep = len(offsets)
    cut = query
    dropped: tuple[tuple[int, int], ...] = ()
    while True:
        text, ids = render(cut)
        if len(ids) <= room:
            return Fitted(cut, text, ids, len(offsets), kept_tokens(offsets, dropped), dropped)
        if not keep:
            raise ModelError(
                f"the prompt has {len(ids)} tokens without an article, the window leaves {room}"
            )
        keep = max(0, keep - (len(ids) - room))
        tail = keep // 2 if long == "middle" else 0
        gap = between(offsets, keep - tail, len(offsets) - tail, len(query.context))
        dropped = (gap,)
        cut = replace(query, context=without(query.context, gap))


def source_offsets(tokenizer: Any, text: str) -> Offsets:
    """Return where each token of a text begins and ends in it, in characters."""
    encoded = tokenizer(
        text,
        add_special_tokens=False,
        split_special_tokens=True,
        return_offsets_mapping=True,
        verbose=False,
    )
    found: Offsets = encoded["offset_mapping"]
    return found


def between(offsets: Offsets, first: int, last: int, length: int) -> tuple[int, int]:
    """Return the characters that go with the tokens `first` to `last` - 1 of a text.

    A character that is several tokens goes with any of them.

    >>> between([(0, 3), (3, 5), (5, 6), (5, 6), (6, 9)], 3, 5, 9)
    (5, 9)
    """
    start = min(offsets[first - 1][1], offsets[first][0]) if first else 0
    end = max(offsets[last][0], offsets[last - 1][1]) if last < len(offsets) else length
    return start, end


def without(text: str, gap: tuple[int, int]) -> str:
    r"""Return a text without a range of its characters; a gap inside it is marked.

    >>> without("one two three", (3, 7)), without("one two three", (7, 13))
    ('one\n\n[…]\n\n three', 'one two')
    """
    start, end = gap
    return text[:start] + GAP + text[end:] if end < len(text) else text[:start]


def kept_tokens(offsets: Offsets, dropped: Sequence[tuple[int, int]]) -> int:
    """Return how many tokens have none of their characters dropped."""
    return sum(
        all(end <= gone or start >= back for gone, back in dropped) for start, end in offsets
    )
