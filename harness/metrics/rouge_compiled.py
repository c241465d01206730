"""What two texts share, counted by compiled code: the very numbers of `rouge_plain`.

Compiled at its first use, and kept on the disk where Numba can write (beside this file, else in
the user's cache, or where NUMBA_CACHE_DIR says). The bits of a sequence stand in words of 64.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[Any]
Function = TypeVar("Function", bound=Callable[..., Any])

_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 / the golden ratio: Fibonacci hashing


def compiled(function: Function) -> Function:
    """Compile a function at its first use, and keep what was made."""
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        made = njit(nogil=True)(function)
    return cast("Function", made)


@compiled
def count_all(
    ids: Ints, lengths: Ints, ends: Ints, sentences: Ints, kinds: Ints, size: int
) -> Ints:
    """Return the matches of each pair (rows) and kind (columns), as `rouge_plain.hits`.

    `ids` holds the words of prediction, reference, prediction, reference ..., `lengths` the
    number of words and `sentences` the number of sentences of each, `ends` where they end.
    `size` is one more than the largest id.
    """
    found = np.zeros((len(lengths) // 2, len(kinds)), np.int64)
    local = np.zeros(size, np.int32)
    at = 0
    end_at = 0
    for pair in range(len(found)):
        n, m = lengths[2 * pair], lengths[2 * pair + 1]
        ours, theirs = ids[at : at + n], ids[at + n : at + n + m]
        at += n + m
        n_ends, m_ends = sentences[2 * pair], sentences[2 * pair + 1]
        our_ends = ends[end_at : end_at + n_ends]
        their_ends = ends[end_at + n_ends : end_at + n_ends + m_ends]
        end_at += n_ends + m_ends
        if n and m:
            _count(ours, theirs, our_ends, their_ends, kinds, local, found[pair])
    return found


@compiled
def _count(
    ours: Ints,
    theirs: Ints,
    our_ends: Ints,
    their_ends: Ints,
    kinds: Ints,
    local: Ints,
    found: Ints,
) -> None:
    n, m = len(ours), len(theirs)
    second = np.empty(m, np.int32)
    second_counts = np.zeros(m, np.int32)
    distinct = _renumber(theirs, local, second, second_counts)
    first = np.empty(n, np.int32)
    first_counts = np.zeros(distinct, np.int32)
    common = 0
    for j in range(n):
        first[j] = local[ours[j]] - 1
        if first[j] >= 0:
            first_counts[first[j]] += 1
            common += 1
    for i in range(m):
        local[theirs[i]] = 0
    if common == 0:
        return
    grams = np.zeros(max(kinds.max(), 1) + 1, np.int64)
    for word in range(distinct):
        grams[1] += min(first_counts[word], second_counts[word])
    if len(grams) > 2:
        _ngrams(first, second, distinct, grams)
    lcs = -1
    for k in range(len(kinds)):
        if kinds[k] > 0:
            found[k] = grams[kinds[k]]
        elif kinds[k] == -1 and not (_one(our_ends, n) and _one(their_ends, m)):
            found[k] = _union(first, second, our_ends, their_ends, distinct, first_counts)
        else:
            if lcs < 0:
                lcs = _lcs(first, second, distinct)
            found[k] = lcs


@compiled
def _renumber(words: Ints, local: Ints, numbers: Ints, counts: Ints) -> int:
    """Give the distinct words numbers from 0; `local` keeps each plus one, for the words met."""
    distinct = 0
    for i in range(len(words)):
        if local[words[i]] == 0:
            distinct += 1
            local[words[i]] = distinct
        numbers[i] = local[words[i]] - 1
        counts[numbers[i]] += 1
    return distinct


@compiled
def _one(ends: Ints, length: int) -> bool:
    """Tell whether all words are in one sentence."""
    at = 0
    while at < len(ends) and (ends[at] == 0 or ends[at] == length):
        at += 1
    return at == len(ends)


@compiled
def _ngrams(first: Ints, second: Ints, distinct: int, grams: Ints) -> None:
    """Count the matching n-grams of 2, 3 ... words into `grams`.

    An n-gram's number is found in a table by that of its first n - 1 words and its last word.
    """
    n, m = len(first), len(second)
    bits = 3
    while (1 << bits) < 2 * m:
        bits += 1
    shift = np.uint64(64 - bits)
    last = np.int64((1 << bits) - 1)
    keys = np.empty(1 << bits, np.int64)
    numbers = np.empty(1 << bits, np.int32)
    first_grams, second_grams = first.copy(), second.copy()
    first_counts, second_counts = np.empty(m, np.int32), np.empty(m, np.int32)
    for length in range(2, len(grams)):
        keys[:] = -1
        first_counts[:] = 0
        second_counts[:] = 0
        used = 0
        for i in range(m - length + 1):
            key = np.int64(second_grams[i]) * distinct + second[i + length - 1]
            slot = np.int64((np.uint64(key) * _SPREAD) >> shift)
            while keys[slot] not in (key, -1):
                slot = (slot + 1) & last
            if keys[slot] == -1:
                keys[slot] = key
                numbers[slot] = used
                used += 1
            second_grams[i] = numbers[slot]
            second_counts[numbers[slot]] += 1
        for j in range(n - length + 1):
            word = first[j + length - 1]
            if first_grams[j] < 0 or word < 0:
                first_grams[j] = -1
                continue
            key = np.int64(first_grams[j]) * distinct + word
            slot = np.int64((np.uint64(key) * _SPREAD) >> shift)
            while keys[slot] not in (key, -1):
                slot = (slot + 1) & last
            if keys[slot] == -1:
                first_grams[j] = -1
            else:
                first_grams[j] = numbers[slot]
                first_counts[numbers[slot]] += 1
        for gram in range(used):
            grams[length] += min(first_counts[gram], second_counts[gram])


@compiled
def _step(unmatched: Ints, mask: Ints) -> None:
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
    m = len(second)
    width = (m + 63) >> 6
    masks = np.zeros((distinct, width), np.uint64)
    for i in range(m):
        masks[second[i], i >> 6] |= _ONE << np.uint64(i & 63)
    unmatched = np.full(width, _ALL, np.uint64)
    for j in range(len(first)):
        if first[j] >= 0:
            _step(unmatched, masks[first[j]])
    length = 0
    for i in range(m):
        if not (unmatched[i >> 6] >> np.uint64(i & 63)) & _ONE:
            length += 1
    return length


@compiled
def _union(
    first: Ints, second: Ints, our_ends: Ints, their_ends: Ints, distinct: int, counts: Ints
) -> int:
    """Return the words of the union LCS, each as often as the prediction has it at most."""
    longest = 0
    begin = 0
    for end in their_ends:
        longest = max(longest, end - begin)
        begin = end
    width = (longest + 63) >> 6
    masks = np.zeros((distinct, width), np.uint64)
    longest = 0
    begin = 0
    for end in our_ends:
        longest = max(longest, end - begin)
        begin = end
    columns = np.empty((longest, width), np.uint64)
    left = counts.copy()
    taken = np.zeros(len(second), np.bool_)
    found = 0
    begin = 0
    for end in their_ends:
        sentence = second[begin:end]
        for i in range(len(sentence)):
            masks[sentence[i], i >> 6] |= _ONE << np.uint64(i & 63)
        words = (len(sentence) + 63) >> 6
        start = 0
        for stop in our_ends:
            _walk(first[start:stop], sentence, masks[:, :words], columns, taken[begin:end])
            start = stop
        for i in range(len(sentence)):
            masks[sentence[i], i >> 6] = 0
            if taken[begin + i] and left[sentence[i]] > 0:
                left[sentence[i]] -= 1
                found += 1
        begin = end
    return found


@compiled
def _walk(ours: Ints, theirs: Ints, masks: Ints, columns: Ints, taken: Ints) -> None:
    """Mark the words of one reference sentence that rouge-score's backtracking takes.

    Where two words differ it goes to the left cell if that is larger than the upper one, which
    is so exactly if this column's bit is clear.
    """
    width = masks.shape[1]
    matches = False
    if width == 1:
        single = _ALL
        for j in range(len(ours)):
            if ours[j] >= 0:
                mask = masks[ours[j], 0]
                matched = single & mask
                matches = matches or mask != 0
                single = (single + matched) | (single & ~mask)
            columns[j, 0] = single
    else:
        unmatched = np.full(width, _ALL, np.uint64)
        for j in range(len(ours)):
            if ours[j] >= 0:
                matches = True
                _step(unmatched, masks[ours[j]])
            for w in range(width):
                columns[j, w] = unmatched[w]
    if not matches:
        return
    i, j = len(theirs) - 1, len(ours) - 1
    while i >= 0 and j >= 0:
        if theirs[i] == ours[j]:
            taken[i] = True
            i -= 1
            j -= 1
        elif (columns[j, i >> 6] >> np.uint64(i & 63)) & _ONE:
            i -= 1
        else:
            j -= 1
