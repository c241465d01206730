"""Fit an article into the model's window, and say what the model does not see of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.errors import ModelError
from harness.models.model import Estimate
from harness.records import Query

# What becomes of a source that is too long: its end goes; its middle goes; or, of summaries,
# windows of it are summarized, and then their summaries.
LongInputStrategy = Literal["cut", "middle", "map-reduce"]

# Stands where a middle was, so that no sentence seems to go on across the gap.
GAP = "\n\n[…]\n\n"

Render = Callable[[Query], tuple[str, list[int]]]
Offsets = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class FittedPrompt:
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


def estimate_of(windows: Sequence[FittedPrompt], max_new_tokens: int) -> Estimate:
    """Return what a query takes that is read in some windows, each with a reply of its own.

    Of a summary of summaries these are the windows of the source; what comes of their summaries
    nobody knows before.
    """
    tokens = sum(len(window.ids) for window in windows)
    return Estimate(
        calls=len(windows),
        input_tokens=tokens,
        max_input_tokens=tokens,
        max_output_tokens=len(windows) * max_new_tokens,
        cut=any(window.dropped for window in windows),
    )


def fit_to_window(
    tokenizer: Any,
    query: Query,
    render: Render,
    max_tokens: int,
    strategy: LongInputStrategy = "cut",
) -> FittedPrompt:
    """Return the prompt with as much of the article as `max_tokens` tokens hold.

    `render` gives a query's prompt as text and tokens. The article loses its end, or with
    "middle" its middle; never the question or the instructions after it. Raises ModelError if
    there is no room for those.
    """
    offsets = token_offsets(tokenizer, query.context)
    keep = len(offsets)
    truncated = query
    dropped: tuple[tuple[int, int], ...] = ()
    while True:
        text, ids = render(truncated)
        if len(ids) <= max_tokens:
            return FittedPrompt(
                truncated, text, ids, len(offsets), count_kept_tokens(offsets, dropped), dropped
            )
        if not keep:
            raise ModelError(
                f"the prompt has {len(ids)} tokens without an article, "
                f"the window leaves {max_tokens}"
            )
        keep = max(0, keep - (len(ids) - max_tokens))
        tail = keep // 2 if strategy == "middle" else 0
        gap = character_range(offsets, keep - tail, len(offsets) - tail, len(query.context))
        dropped = (gap,)
        truncated = replace(query, context=drop_range(query.context, gap))


def token_offsets(tokenizer: Any, text: str) -> Offsets:
    """Return where each token of a text begins and ends in it, in characters."""
    encoded = tokenizer(
        text,
        add_special_tokens=False,
        split_special_tokens=True,
        return_offsets_mapping=True,
        verbose=False,
    )
    offsets: Offsets = encoded["offset_mapping"]
    return offsets


def character_range(offsets: Offsets, first: int, last: int, length: int) -> tuple[int, int]:
    """Return the characters that go with the tokens `first` to `last` - 1 of a text.

    A character that is several tokens goes with any of them.

    >>> character_range([(0, 3), (3, 5), (5, 6), (5, 6), (6, 9)], 3, 5, 9)
    (5, 9)
    """
    start = min(offsets[first - 1][1], offsets[first][0]) if first else 0
    end = max(offsets[last][0], offsets[last - 1][1]) if last < len(offsets) else length
    return start, end


def drop_range(text: str, gap: tuple[int, int]) -> str:
    r"""Return a text without a range of its characters; a gap inside it is marked.

    >>> drop_range("one two three", (3, 7)), drop_range("one two three", (7, 13))
    ('one\n\n[…]\n\n three', 'one two')
    """
    start, end = gap
    return text[:start] + GAP + text[end:] if end < len(text) else text[:start]


def count_kept_tokens(offsets: Offsets, dropped: Sequence[tuple[int, int]]) -> int:
    """Return how many tokens have none of their characters dropped."""
    return sum(
        all(end <= drop_start or start >= drop_end for drop_start, drop_end in dropped)
        for start, end in offsets
    )
