"""Questions to windows of tokens with the target each logit should have, and to batches."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.questions import Question

MAX_TOKENS = 384
STRIDE = 128
# Ever-changing shapes make a process grow; batches are padded to a multiple of this.
_LENGTH_STEP = 32
_QUESTIONS_AT_ONCE = 500


@dataclass(frozen=True)
class Window:
    """A question with a part of its text, as tokens.

    `starts` and `ends` hold the share of the votes of each token that has any, as (token, share);
    a window without an answer has them all on its first token.
    """

    ids: npt.NDArray[np.int32]
    types: npt.NDArray[np.int32]
    starts: tuple[tuple[int, float], ...]
    ends: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Batch:
    """Windows of one length as arrays of shape (windows, tokens)."""

    ids: npt.NDArray[np.int64]
    types: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]
    starts: npt.NDArray[np.float32]
    ends: npt.NDArray[np.float32]


def windows(tokenizer: Any, questions: Sequence[Question]) -> list[Window]:
    """Return the windows of all questions, in order."""
    return [
        window
        for at in range(0, len(questions), _QUESTIONS_AT_ONCE)
        for window in _windows(tokenizer, questions[at : at + _QUESTIONS_AT_ONCE])
    ]


def _windows(tokenizer: Any, questions: Sequence[Question]) -> Iterator[Window]:
    encoded = tokenizer(
        [question.text for question in questions],
        [question.context for question in questions],
        truncation="only_second",
        max_length=MAX_TOKENS,
        stride=STRIDE,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        split_special_tokens=True,
    )
    for row, question_index in enumerate(encoded["overflow_to_sample_mapping"]):
        starts, ends = _targets(
            encoded.sequence_ids(row), encoded["offset_mapping"][row], questions[question_index]
        )
        ids, types = (
            np.array(encoded[name][row], dtype=np.int32) for name in ("input_ids", "token_type_ids")
        )
        yield Window(ids, types, starts, ends)


def _targets(
    parts: Sequence[int | None], offsets: Sequence[tuple[int, int]], question: Question
) -> tuple[tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]]:
    """Return the share of votes of each first and each last token of an answer in the window."""
    context = [i for i, part in enumerate(parts) if part == 1]
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    if context:
        # The token in which a character stands; a character between tokens has none.
        firsts = {offsets[i][0]: i for i in context}
        lasts = {offsets[i][1]: i for i in context}
        for (start, end), votes in question.answers.items():
            first, last = firsts.get(start), lasts.get(end)
            if first is not None and last is not None and first <= last:
                starts[first] = starts.get(first, 0.0) + votes
                ends[last] = ends.get(last, 0.0) + votes
    if not starts:
        return ((0, 1.0),), ((0, 1.0),)
    total = sum(starts.values())
    return (
        tuple((i, votes / total) for i, votes in starts.items()),
        tuple((i, votes / total) for i, votes in ends.items()),
    )


def batches(windows: Sequence[Window], size: int, pad: int, rng: random.Random) -> Iterator[Batch]:
    """Yield the windows in batches of nearly one length, in random order; the odd ones are left."""
    order = list(range(len(windows)))
    rng.shuffle(order)
    groups: dict[int, list[int]] = {}
    ready = []
    for index in order:
        length = -(-len(windows[index].ids) // _LENGTH_STEP) * _LENGTH_STEP
        group = groups.setdefault(length, [])
        group.append(index)
        if len(group) == size:
            ready.append((length, group))
            groups[length] = []
    rng.shuffle(ready)
    for length, group in ready:
        yield _batch([windows[index] for index in group], length, pad)


def _batch(group: Sequence[Window], length: int, pad: int) -> Batch:
    shape = (len(group), length)
    batch = Batch(
        np.full(shape, pad, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.float32),
        np.zeros(shape, dtype=np.float32),
    )
    for row, window in enumerate(group):
        size = len(window.ids)
        batch.ids[row, :size] = window.ids
        batch.types[row, :size] = window.types
        batch.mask[row, :size] = 1
        for token, share in window.starts:
            batch.starts[row, token] = share
        for token, share in window.ends:
            batch.ends[row, token] = share
    return batch
