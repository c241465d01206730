"""Both longest common subsequences by compiled code: the numbers that `matching` gives.

Hyyrö's bit-parallel algorithm (2004), the bits in words of 64.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from harness.metrics.rouge.compilation import compiled

Ints = NDArray[Any]

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def _leading_zeros(_context: Any, _number: Any) -> Any:
    """Return how many of 64 bits stand above the highest one that is set."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@compiled
def count_subsequences(
    words: Ints,
    lengths: Ints,
    distinct: Ints,
    ends: Ints,
    sentences: Ints,
    kinds: Ints,
    matches: Ints,
) -> None:
    """Count the matches of each pair (row of `matches`) and kind (column) that is no n.

    `words`, `lengths` and `distinct` are as `count_ngrams` left and returned them. `sentences`
    holds how many sentences each text has, and `ends` where they end.
    """
    at = 0
    end_at = 0
    for pair in range(len(matches)):
        n, m = lengths[2 * pair], lengths[2 * pair + 1]
        first, second = words[at : at + n], words[at + n : at + n + m]
        at += n + m
        n_ends, m_ends = sentences[2 * pair], sentences[2 * pair + 1]
        our_ends = ends[end_at : end_at + n_ends]
        their_ends = ends[end_at + n_ends : end_at + n_ends + m_ends]
        end_at += n_ends + m_ends
        one_sentence = _is_one_sentence(our_ends, n) and _is_one_sentence(their_ends, m)
        lcs = -1
        for k in range(len(kinds)):
            if kinds[k] > 0:
                continue
            if kinds[k] < 0 and not one_sentence:
                matches[pair, k] = _union_lcs(first, second, our_ends, their_ends, distinct[pair])
            else:
                if lcs < 0:
                    lcs = _lcs(first, second, distinct[pair])
                matches[pair, k] = lcs


@compiled
def _is_one_sentence(ends: Ints, length: int) -> bool:
    """Tell whether all words are in one sentence."""
    at = 0
    while at < len(ends) and (ends[at] == 0 or ends[at] == length):
        at += 1
    return at == len(ends)


@compiled
def _lcs_step(unmatched: Ints, mask: Ints) -> None:
    """Take one column of Hyyrö's algorithm: V = (V + (V & M)) | (V & ~M)."""
    carry = np.uint64(0)
    for w in range(len(unmatched)):
        old = unmatched[w]
        matched = old & mask[w]
        total = old + matched
        over = total < matched
        total += carry
        carry = np.uint64(over or total < carry)
        unmatched[w] = total | (old & ~mask[w])


@compiled
def _lcs(first: Ints, second: Ints, distinct: int) -> int:
    """Return the length of the longest common subsequence."""
    m = len(second)
    width = (m + 63) >> 6
    masks = np.zeros((distinct, width), np.uint64)
    for i in range(m):
        masks[second[i], i >> 6] |= _ONE << np.uint64(i & 63)
    unmatched = np.full(width, _ALL, np.uint64)
    for j in range(len(first)):
        if first[j] >= 0:
            _lcs_step(unmatched, masks[first[j]])
    length = 0
    for i in range(m):
        if not (unmatched[i >> 6] >> np.uint64(i & 63)) & _ONE:
            length += 1
    return length


@compiled
def _union_lcs(first: Ints, second: Ints, our_ends: Ints, their_ends: Ints, distinct: int) -> int:
    """Return the words of the union LCS, each as often as the prediction has it at most."""
    # What the reference does not have gets a number of its own, to which nothing is equal.
    ours = np.where(first < 0, distinct, first)
    left = np.zeros(distinct + 1, np.int32)
    for word in ours:
        left[word] += 1
    longest = _longest_sentence(our_ends)
    masks = np.zeros(distinct + 1, np.uint64)
    steps = np.empty((longest + 1, 2), np.uint64)
    width = (_longest_sentence(their_ends) + 63) >> 6
    wide_masks = np.zeros((distinct + 1 if width > 1 else 0, width), np.uint64)
    columns = np.empty((longest if width > 1 else 0, width), np.uint64)
    taken = np.empty(64 * width, np.bool_)
    count = 0
    begin = 0
    for end in their_ends:
        sentence = second[begin:end]
        taken[: len(sentence)] = False
        if len(sentence) <= 64:
            _mark_short_sentence(ours, our_ends, sentence, masks, steps, taken)
        else:
            _mark_long_sentence(ours, our_ends, sentence, wide_masks, columns, taken)
        for i in range(len(sentence)):
            if taken[i] and left[sentence[i]] > 0:
                left[sentence[i]] -= 1
                count += 1
        begin = end
    return count


@compiled
def _longest_sentence(ends: Ints) -> int:
    longest = 0
    begin = 0
    for end in ends:
        longest = max(longest, end - begin)
        begin = end
    return longest


@compiled
def _mark_short_sentence(
    ours: Ints, our_ends: Ints, sentence: Ints, masks: Ints, steps: Ints, taken: Ints
) -> None:
    """Mark what is taken of a reference sentence of up to 64 words.

    The way back goes from the highest row that matches or has its bit clear to the next such
    one, a column to the left. Of neighbouring columns that match nothing one is enough.
    """
    for i in range(len(sentence)):
        masks[sentence[i]] |= _ONE << np.uint64(i)
    union = _NONE
    rows = _ALL >> np.uint64(64 - len(sentence)) if len(sentence) else _NONE
    start = 0
    for stop in our_ends:
        unmatched = _ALL
        used = 0
        before = _NONE
        for j in range(start, stop):
            mask = masks[ours[j]]
            matched = unmatched & mask
            unmatched = (unmatched + matched) | (unmatched & ~mask)
            steps[used, 0] = mask
            steps[used, 1] = mask | ~unmatched
            used += 1 if (mask | before) != _NONE else 0
            before = mask
        start = stop
        below = rows
        for k in range(used - 1, -1, -1):
            stops = steps[k, 1] & below
            if stops == _NONE:
                break
            here = _ONE << (np.uint64(63) - _leading_zeros(stops))
            match = here & steps[k, 0]
            union |= match
            below = (here - _ONE) | (here ^ match)
    for i in range(len(sentence)):
        masks[sentence[i]] = _NONE
        taken[i] = (union >> np.uint64(i)) & _ONE != _NONE


@compiled
def _mark_long_sentence(
    ours: Ints, our_ends: Ints, sentence: Ints, masks: Ints, columns: Ints, taken: Ints
) -> None:
    """Mark what is taken of a longer reference sentence, from cell to cell."""
    for i in range(len(sentence)):
        masks[sentence[i], i >> 6] |= _ONE << np.uint64(i & 63)
    start = 0
    for stop in our_ends:
        unmatched = np.full(masks.shape[1], _ALL, np.uint64)
        for j in range(start, stop):
            _lcs_step(unmatched, masks[ours[j]])
            columns[j - start] = unmatched
        i, j = len(sentence) - 1, stop - 1
        while i >= 0 and j >= start:
            if sentence[i] == ours[j]:
                taken[i] = True
                i -= 1
                j -= 1
            elif (columns[j - start, i >> 6] >> np.uint64(i & 63)) & _ONE:
                i -= 1
            else:
                j -= 1
        start = stop
    for i in range(len(sentence)):
        masks[sentence[i], i >> 6] = _NONE
