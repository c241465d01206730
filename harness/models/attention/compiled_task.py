"""Attention of tokens over keys and values, by compiled code.

Keys are taken some at a time, so that scores stay in memory that the processor's cache holds; what
was summed is scaled where a greater score comes (Milakov and Gimelshein 2018, "Online normalizer
calculation for softmax", arXiv 1805.02867). Tokens that look at the same keys go together.

Each piece of work is some tokens and some keys; what comes of a token's pieces is put together.
Nothing here can fail: nothing is allocated.
"""

from typing import Any

import numpy as np
from numba import carray
from numpy.polynomial import Chebyshev, Polynomial

from harness.models.attention.buffers import TILE
from harness.models.compiled.instructions import (
    TILE_COLUMNS,
    TILE_ROWS,
    at,
    float_of_bits,
    multiply_tile,
    part_of_task,
    raise_counter,
)
from harness.models.compiled.tasks import compiled_task

# What a task is told: addresses, and sizes in numbers.
WORK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "counters",  # three int64: units of work taken, buffers taken, and tokens merged
            "pieces",  # so many of PIECE
            "piece_count",
            "sources",  # of SOURCE
            "buffers",  # one for each thread
            "buffer_length",  # float32 of each
            "heads",
            "kv_heads",
            "width",
            "tokens",
            "query",  # tokens x heads x width, scaled, and numbers from one to the next
            "query_token",
            "query_head",
            "sums",  # parts x tokens x heads x width: weighted values
            "totals",  # parts x tokens x heads x 2: the greatest score, and the sum of weights
            "parts",  # int64, by token: how many there are
            "out",  # tokens x heads x width
        )
    ]
)
# Keys and values of a row, or of a prefix.
SOURCE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "keys",  # kv heads x blocks x width x TILE
            "keys_head",  # numbers from a head's to the next one's
            "values",  # kv heads x keys x width
            "values_head",
        )
    ]
)
# Tokens, and some keys that they look at.
PIECE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "source",
            "first_key",
            "end_key",
            "first_token",
            "token_count",
            "seen",  # the first token sees the keys before this one, each further token
            "seen_more",  # so many more
            "part",
        )
    ]
)

# Queries and keys whose scores are held at once.
_QUERIES, _KEYS = 48, 256
_LOG2_E = np.float32(1.4426950408889634)
# A polynomial that is 2**x from -1/2 to 1/2 but for 2e-8, its highest power first.
_TERMS = tuple(
    np.float32(term)
    for term in Chebyshev.interpolate(np.exp2, 6, domain=[-0.5, 0.5])
    .convert(kind=Polynomial, domain=[-1, 1])
    .coef[::-1]
)


def buffer_length(width: int) -> int:
    """Return how many float32 a thread needs for heads of this width."""
    return _QUERIES * (_KEYS + 2 * width + 2)


@part_of_task("nnan", "nsz", "reassoc")
def _greatest(numbers: Any, top: Any) -> Any:
    """Return the greatest of numbers and `top`; what is no number may count for any."""
    for number in numbers:
        top = max(top, number)
    return top


@part_of_task("contract", "nsz", "reassoc")
def _exponentials(numbers: Any, top: Any) -> Any:
    """Put exp(number - top) in the place of each number; return their sum.

    2**x is 2**whole, made of bits, x 2**rest. What is no number stays none.
    """
    total = np.float32(0)
    for place in range(len(numbers)):
        power = (numbers[place] - top) * _LOG2_E
        if power < np.float32(-126):  # noqa: PLR1730 - `max` may take it for what is no number
            power = np.float32(-126)
        whole = np.int32(power - np.float32(0.5))
        rest = power - np.float32(whole)
        value = _TERMS[0]
        value = value * rest + _TERMS[1]
        value = value * rest + _TERMS[2]
        value = value * rest + _TERMS[3]
        value = value * rest + _TERMS[4]
        value = value * rest + _TERMS[5]
        value = value * rest + _TERMS[6]
        value *= float_of_bits(np.int32((whole + np.int32(127)) << np.int32(23)))
        numbers[place] = value
        total += value
    return total


@part_of_task()
def _attend(work: Any, source: Any, piece: Any, head: Any, buffer: Any) -> None:
    """Let a piece's tokens look at its keys, by those heads that share this one of the keys."""
    group = work.heads // work.kv_heads
    keys = source.keys + 4 * head * source.keys_head
    values = source.values + 4 * head * source.values_head
    for first in range(0, piece.token_count * group, _QUERIES):
        count = min(_QUERIES, piece.token_count * group - first)
        _begin(work, piece, head, first, count, buffer)
        last = piece.seen + piece.seen_more * ((first + count - 1) // group)
        for key in range(piece.first_key, min(piece.end_key, last), _KEYS):
            key_count = min(_KEYS, piece.end_key - key, last - key)
            _score(keys, key, key_count, count, work.width, buffer)
            for row in range(count):
                seen = piece.seen + piece.seen_more * ((first + row) // group) - key
                _weigh(row, max(0, min(key_count, seen)), key_count, work.width, buffer)
            _add_values(values + 4 * key * work.width, key_count, count, work.width, buffer)
        _put(work, piece, head, first, count, buffer)


@part_of_task()
def _parts_of(buffer: Any, width: Any) -> Any:
    """Return addresses of a buffer's scores, queries, sums and totals, queries x ... each."""
    queries = buffer + 4 * _QUERIES * _KEYS
    sums = queries + 4 * _QUERIES * width
    return buffer, queries, sums, sums + 4 * _QUERIES * width


@part_of_task()
def _begin(work: Any, piece: Any, head: Any, first: Any, count: Any, buffer: Any) -> None:
    """Take queries, of which nothing is summed yet, into a buffer."""
    group, width = work.heads // work.kv_heads, work.width
    _, queries_at, sums_at, totals_at = _parts_of(buffer, width)
    query = carray(at(work.query), (1,), dtype=np.float32)
    queries = carray(at(queries_at), (_QUERIES, width), dtype=np.float32)
    sums = carray(at(sums_at), (_QUERIES, width), dtype=np.float32)
    totals = carray(at(totals_at), (_QUERIES, 2), dtype=np.float32)
    for row in range(count):
        token = piece.first_token + (first + row) // group
        own_head = head * group + (first + row) % group
        begin = token * work.query_token + own_head * work.query_head
        for place in range(width):
            queries[row, place] = query[begin + place]
            sums[row, place] = 0
        totals[row, 0], totals[row, 1] = -np.inf, 0


@part_of_task()
def _score(keys: Any, key: Any, key_count: Any, count: Any, width: Any, buffer: Any) -> None:
    """Multiply queries with keys."""
    scores_at, queries_at, _, _ = _parts_of(buffer, width)
    for row in range(0, count, TILE_ROWS):
        for column in range(0, key_count, TILE_COLUMNS):
            multiply_tile(
                queries_at + 4 * row * width,
                4 * width,
                keys + 4 * ((key + column) // TILE * TILE * width + column % TILE),
                4 * TILE,
                scores_at + 4 * (row * _KEYS + column),
                4 * _KEYS,
                width,
                False,
            )


@part_of_task()
def _weigh(row: Any, seen: Any, key_count: Any, width: Any, buffer: Any) -> None:
    """Make weights of a query's scores, those of keys that it sees, and 0 of the others."""
    scores_at, _, sums_at, totals_at = _parts_of(buffer, width)
    scores = carray(at(scores_at), (_QUERIES, _KEYS), dtype=np.float32)[row]
    sums = carray(at(sums_at), (_QUERIES, width), dtype=np.float32)
    total = carray(at(totals_at), (_QUERIES, 2), dtype=np.float32)[row]
    top = _greatest(scores[:seen], total[0])
    if top > total[0]:
        scale = np.float32(np.exp(total[0] - top))
        total[1] *= scale
        for place in range(width):
            sums[row, place] *= scale
    total[1] += _exponentials(scores[:seen], top)
    total[0] = top
    for place in range(seen, key_count):
        scores[place] = 0


@part_of_task()
def _add_values(values: Any, key_count: Any, count: Any, width: Any, buffer: Any) -> None:
    """Add the values of keys by their weights."""
    scores_at, _, sums_at, _ = _parts_of(buffer, width)
    for row in range(0, count, TILE_ROWS):
        for column in range(0, width, TILE_COLUMNS):
            multiply_tile(
                scores_at + 4 * row * _KEYS,
                4 * _KEYS,
                values + 4 * column,
                4 * width,
                sums_at + 4 * (row * width + column),
                4 * width,
                key_count,
                True,
            )


@part_of_task()
def _put(work: Any, piece: Any, head: Any, first: Any, count: Any, buffer: Any) -> None:
    """Write what was summed where it is put together with other parts."""
    group, width = work.heads // work.kv_heads, work.width
    _, _, sums_at, totals_at = _parts_of(buffer, width)
    sums = carray(at(sums_at), (_QUERIES, width), dtype=np.float32)
    totals = carray(at(totals_at), (_QUERIES, 2), dtype=np.float32)
    shape = (piece.part + 1, work.tokens, work.heads)
    all_sums = carray(at(work.sums), (*shape, width), dtype=np.float32)[piece.part]
    all_totals = carray(at(work.totals), (*shape, 2), dtype=np.float32)[piece.part]
    for row in range(count):
        token = piece.first_token + (first + row) // group
        own_head = head * group + (first + row) % group
        for place in range(width):
            all_sums[token, own_head, place] = sums[row, place]
        all_totals[token, own_head, 0] = totals[row, 0]
        all_totals[token, own_head, 1] = totals[row, 1]


@compiled_task
def attention_task(pointer: Any) -> None:
    """Let pieces' tokens look at their keys, and write parts of what comes of it."""
    work = carray(pointer, (1,), dtype=WORK)[0]
    pieces = carray(at(work.pieces), (work.piece_count,), dtype=PIECE)
    buffer = work.buffers + 4 * work.buffer_length * raise_counter(work.counters + 8)
    while True:
        unit = raise_counter(work.counters)
        if unit >= work.piece_count * work.kv_heads:
            return
        piece = pieces[unit // work.kv_heads]
        source = carray(at(work.sources), (piece.source + 1,), dtype=SOURCE)[piece.source]
        _attend(work, source, piece, unit % work.kv_heads, buffer)


@compiled_task
def merge_task(pointer: Any) -> None:
    """Put the parts of each token's attention together."""
    work = carray(pointer, (1,), dtype=WORK)[0]
    tokens, heads, width = work.tokens, work.heads, work.width
    parts = carray(at(work.parts), (tokens,), dtype=np.int64)
    out = carray(at(work.out), (tokens, heads, width), dtype=np.float32)
    while True:
        token = raise_counter(work.counters + 16)
        if token >= tokens:
            return
        sums = carray(at(work.sums), (parts[token], tokens, heads, width), dtype=np.float32)
        totals = carray(at(work.totals), (parts[token], tokens, heads, 2), dtype=np.float32)
        for head in range(heads):
            top, total = np.float32(-np.inf), np.float32(0)
            for part in range(parts[token]):
                top = max(top, totals[part, token, head, 0])
            for place in range(width):
                out[token, head, place] = 0
            for part in range(parts[token]):
                scale = np.float32(np.exp(totals[part, token, head, 0] - top))
                total += scale * totals[part, token, head, 1]
                for place in range(width):
                    out[token, head, place] += scale * sums[part, token, head, place]
            for place in range(width):
                out[token, head, place] /= total
