"""Matching n-grams by compiled code: the numbers that `matching` gives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics.rouge.compilation import compiled

Ints = NDArray[Any]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 / the golden ratio: Fibonacci hashing


@compiled
def count_ngrams(ids: Ints, lengths: Ints, kinds: Ints, size: int, matches: Ints) -> Ints:
    """Count the matches of each pair (row of `matches`) and kind (column) that is an n.

    `ids` holds the words of prediction, reference, prediction, reference ..., below `size`, and
    `lengths` the number of words of each. The distinct words of each reference are numbered anew
    from 0 in place, and in its prediction -1 is a word that the reference does not have. Returns
    how many distinct words each reference has.
    """
    local = np.zeros(size, np.int32)
    distinct = np.empty(len(matches), np.int64)
    largest = kinds.max()
    grams = np.empty(max(largest, 1) + 1, np.int64)
    at = 0
    for pair in range(len(matches)):
        n, m = lengths[2 * pair], lengths[2 * pair + 1]
        first, second = ids[at : at + n], ids[at + n : at + n + m]
        at += n + m
        distinct[pair] = _renumber(first, second, local)
        grams[:] = 0
        if largest >= 1:
            grams[1] = _count_unigrams(first, second, distinct[pair])
        if largest >= 2 and grams[1]:
            _count_longer_ngrams(first, second, distinct[pair], grams)
        for k in range(len(kinds)):
            if kinds[k] > 0:
                matches[pair, k] = grams[kinds[k]]
    return distinct


@compiled
def _renumber(first: Ints, second: Ints, local: Ints) -> int:
    """Give the words their numbers; `local` is all 0 before and after."""
    distinct = 0
    for i in range(len(second)):
        if local[second[i]] == 0:
            distinct += 1
            local[second[i]] = distinct
    for j in range(len(first)):
        first[j] = local[first[j]] - 1
    words = second.copy()
    for i in range(len(second)):
        second[i] = local[words[i]] - 1
    for word in words:
        local[word] = 0
    return distinct


@compiled
def _count_unigrams(first: Ints, second: Ints, distinct: int) -> int:
    """Return how many words match, each as often as both have it."""
    left = np.zeros(distinct, np.int32)
    for word in second:
        left[word] += 1
    matches = 0
    for word in first:
        if word >= 0 and left[word] > 0:
            left[word] -= 1
            matches += 1
    return matches


@compiled
def _count_longer_ngrams(first: Ints, second: Ints, distinct: int, grams: Ints) -> None:
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
