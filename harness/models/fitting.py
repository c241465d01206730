"""Cut an article so that a prompt with it fits the model's window, and say what was cut."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from harness.errors import ModelError
from harness.records import Query

Render = Callable[[Query], tuple[str, list[int]]]


@dataclass(frozen=True)
class Fitted:
    """A prompt that fits: the query as the model sees it, its text and tokens, and the cut.

    `source_tokens` and `kept_tokens` count the article alone.
    """

    query: Query
    text: str
    ids: list[int]
    source_tokens: int
    kept_tokens: int

    @property
    def kept_chars(self) -> int:
        """How many characters of the article's beginning are left."""
        return len(self.query.context)


def fit(tokenizer: Any, query: Query, render: Render, room: int) -> Fitted:
    """Return the prompt with as much of the article's beginning as `room` tokens hold.

    `render` gives a query's prompt as text and tokens. The article loses its end, never the
    question or the instructions after it. Raises ModelError if there is no room for those.
    """
    article = tokenizer(
        query.context,
        add_special_tokens=False,
        split_special_tokens=True,
        return_offsets_mapping=True,
        verbose=False,
    )
    ends = [end for _, end in article["offset_mapping"]]
    keep = len(ends)
    cut = query
    while True:
        text, ids = render(cut)
        if len(ids) <= room:
            return Fitted(cut, text, ids, len(ends), keep)
        if not keep:
            raise ModelError(
                f"the prompt has {len(ids)} tokens without an article, the window leaves {room}"
            )
        keep = max(0, keep - (len(ids) - room))
        cut = replace(query, context=query.context[: ends[keep - 1]] if keep else "")
