"""Windows: what an encoder reads of a question and an article longer than itself.

A window is the whole question and as much of the article as fits; the next one begins `stride`
tokens before the last one ended, so that an answer at an edge is whole in one of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Lengths are rounded up to a multiple of this: few shapes, and few tokens of nothing.
PAD_TO_MULTIPLE_OF = 8


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Some tokens with their type, the number by which a model tells question and article apart."""

    ids: Ints
    types: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """An article's tokens: where each stands in the text, and the word it is in.

    `starts` and `ends` are in characters; `firsts` and `lasts` number the first and the last token
    of a token's word, -1 where the tokenizer knows none.
    """

    ids: Ints
    starts: Ints
    ends: Ints
    firsts: Ints
    lasts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A question, `size` tokens of an article from its token number `start` on, and an end.

    `before` and `after` are the question and the special tokens, `type` is that of the article's
    tokens, and `null_position` the position that stands for no answer.
    """

    before: Tokens
    article: Article
    start: int
    size: int
    after: Tokens
    type: int
    null_position: int

    def __len__(self) -> int:
        """Return how many tokens the model reads."""
        return len(self.before) + self.size + len(self.after)

    def characters(self, first: int, last: int, *, align_to_words: bool) -> tuple[int, int]:
        """Return where the tokens at `first` to `last` stand in the article, as [start, end).

        With `align_to_words` the span grows to whole words, as far as this window has them; it
        stays as it is where the tokenizer knows no words.
        """
        shift = self.start - len(self.before)
        first, last = first + shift, last + shift
        article = self.article
        if align_to_words and article.firsts[first] >= 0 and article.firsts[last] >= 0:
            first = max(int(article.firsts[first]), self.start)
            last = min(int(article.lasts[last]), self.start + self.size - 1)
        return int(article.starts[first]), int(article.ends[last])


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of nearly one length, padded on the right: arrays of windows x tokens.

    `rows` says which windows of the list that was batched these are.
    """

    rows: tuple[int, ...]
    ids: Ints
    types: Ints
    mask: Mask
    context: Mask
    null_positions: Ints


class WindowSplitter:
    """Cuts articles into windows of at most `size` tokens that overlap by `stride`.

    An article's tokens are made once for all its questions that come in a row. What an article
    says never becomes a special token.
    """

    def __init__(self, tokenizer: Any, size: int, stride: int) -> None:
        """Take over a fast tokenizer: it cuts and pads nothing any more."""
        self.size, self.stride = size, stride
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_padding()
        self._backend.no_truncation()
        self._backend.encode_special_tokens = True
        self._null_token = tokenizer.cls_token_id
        self._last: tuple[str, Article] | None = None

    def split(self, question: str, context: str) -> list[Window]:
        """Return the windows, in the article's order; one for an article without tokens.

        Raises ModelError if the question leaves too little room for the article.
        """
        before, after, kind = self._surrounding_tokens(question)
        room = self.size - len(before) - len(after)
        if room <= self.stride:
            raise ModelError(
                f"the question takes {self.size - room} tokens: a window of {self.size} leaves "
                f"{max(0, room)} for the article, not more than the stride of {self.stride}; "
                "raise max_tokens, or lower stride"
            )
        if self._last is None or self._last[0] != context:
            self._last = (context, self._article(context))
        article = self._last[1]
        count = len(article.ids)
        null_position = (
            int(np.argmax(before.ids == self._null_token)) if self._null_token is not None else 0
        )
        starts = range(0, max(1, count - self.stride), room - self.stride)
        return [
            Window(before, article, at, min(room, count - at), after, kind, null_position)
            for at in starts
        ]

    def _surrounding_tokens(self, question: str) -> tuple[Tokens, Tokens, int]:
        """Return what stands before and after any article, and the type of its tokens."""
        probe = self._backend.encode(question, "a")
        ids = np.array(probe.ids, dtype=np.int64)
        types = np.array(probe.type_ids, dtype=np.int64)
        # Special tokens belong to neither text: None, which becomes NaN.
        inside = np.flatnonzero(np.array(probe.sequence_ids, dtype=np.float64) == 1)
        first, last = int(inside[0]), int(inside[-1])
        return (
            Tokens(ids[:first], types[:first]),
            Tokens(ids[last + 1 :], types[last + 1 :]),
            int(types[first]),
        )

    def _article(self, text: str) -> Article:
        encoding = self._backend.encode(text, add_special_tokens=False)
        offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        words = np.nan_to_num(np.array(encoding.word_ids, dtype=np.float64), nan=-1)
        edges = np.flatnonzero(np.diff(words, prepend=-2, append=-2))
        sizes = np.diff(edges)
        outside = words < 0
        return Article(
            ids=np.array(encoding.ids, dtype=np.int64),
            starts=offsets[:, 0],
            ends=offsets[:, 1],
            firsts=np.where(outside, -1, np.repeat(edges[:-1], sizes)),
            lasts=np.where(outside, -1, np.repeat(edges[1:] - 1, sizes)),
        )


def batches(
    windows: Sequence[Window], budget: int, pad: int, most: int | None = None
) -> Iterator[Batch]:
    """Yield batches of windows by length, the longest first, each of at most `budget` tokens.

    Padding counts. A window longer than the budget is a batch of its own. None is padded to more
    tokens than `most`, which the model has positions for.
    """
    order = sorted(range(len(windows)), key=lambda row: -len(windows[row]))
    while order:
        longest = len(windows[order[0]])
        width = -(-longest // PAD_TO_MULTIPLE_OF) * PAD_TO_MULTIPLE_OF
        if most is not None:
            width = max(longest, min(width, most))
        size = max(1, budget // width)
        yield _batch(windows, tuple(order[:size]), width, pad)
        order = order[size:]


def _batch(windows: Sequence[Window], rows: tuple[int, ...], width: int, pad: int) -> Batch:
    shape = (len(rows), width)
    ids = np.full(shape, pad, dtype=np.int64)
    types = np.zeros(shape, dtype=np.int64)
    mask, context = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for at, row in enumerate(rows):
        window = windows[row]
        begin, end, size = len(window.before), len(window.before) + window.size, len(window)
        for array, attribute, inside in (
            (ids, "ids", window.article.ids[window.start : window.start + window.size]),
            (types, "types", window.type),
        ):
            array[at, :begin] = getattr(window.before, attribute)
            array[at, begin:end] = inside
            array[at, end:size] = getattr(window.after, attribute)
        mask[at, :size], context[at, begin:end] = True, True
    null_positions = np.array([windows[row].null_position for row in rows], dtype=np.int64)
    return Batch(rows, ids, types, mask, context, null_positions)


def max_input_tokens(tokenizer: Any, model: Any) -> int | None:
    """Return the most tokens that a model can read at once, `None` if nothing limits it.

    The tokenizer's own limit counts unless it is the huge number that stands for none. RoBERTa
    and its kin number positions from the padding token's id on, so that a table of 514 positions
    serves 512 tokens (transformers, `create_position_ids_from_input_ids`).
    """
    limits = [int(tokenizer.model_max_length)] if tokenizer.model_max_length < 10**9 else []
    tables = [
        module
        for name, module in model.named_modules()
        if name.endswith("position_embeddings") and hasattr(module, "num_embeddings")
    ]
    limits += [
        table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
        for table in tables
    ]
    return min(limits, default=None)
