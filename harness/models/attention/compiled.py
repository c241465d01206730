"""Attention over shared prefixes and suffixes by compiled code, on the CPU.

Of few tokens attention is many small products, and of many its scores do not fit into the
processor's cache; PyTorch and MKL are slow at both. So a step is cut into pieces of work.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.models.attention.buffers import TILE
from harness.models.attention.runs import Run
from harness.models.compiled.openmp import has_threads, run_on_threads

# Tokens of a piece; and its keys where tokens are so few that threads share those of one token.
_TOKENS = 16
_FEW_TOKENS = 64
_KEYS_OF_FEW = 1024


def can_compile() -> bool:
    """Return whether Numba is installed, and compiled code has the threads that PyTorch has."""
    try:
        import harness.models.attention.compiled_task  # noqa: F401 - to see whether it can be
    except ImportError:
        return False
    return has_threads()


def places_of(keys: Tensor, values: Tensor) -> tuple[int, int, int, int]:
    """Return where keys, heads x blocks x width x TILE, and values lie, as compiled code is told.

    Values are heads x tokens x width. Raises ValueError for what it cannot read.
    """
    width = values.shape[-1]
    kinds = {(states.dtype, states.device.type) for states in (keys, values)}
    rows = (*keys.stride()[1:], *values.stride()[1:])
    if kinds != {(torch.float32, "cpu")} or rows != (width * TILE, TILE, 1, width, 1):
        raise ValueError("compiled attention cannot read such keys and values")
    if width % TILE or keys.shape[2:] != (width, TILE):
        raise ValueError(f"compiled attention has no heads that are {width} numbers wide")
    return (keys.data_ptr(), keys.stride(0), values.data_ptr(), values.stride(0))


class CompiledAttention:
    """One step's attention, the same in each layer but for where keys and values lie."""

    def __init__(self, runs: Sequence[Run]) -> None:
        """Cut runs, whose prefixes have places, into pieces."""
        from harness.models.attention.compiled_task import PIECE

        self._prefixes = [run.prefix.places for run in runs if run.prefix and run.prefix.places]
        slots = [slot for run in runs for slot in range(run.slots.start, run.slots.stop)]
        self._slots = np.array(slots, dtype=np.int64)
        pieces: list[tuple[int, ...]] = []
        parts: list[int] = []
        prefix, row = 0, len(self._prefixes)  # their sources
        for run in runs:
            length = run.prefix.length if run.prefix else 0
            of_prefix = list(_prefix_pieces(length, run.tokens, prefix))
            own_part = 1 + of_prefix[-1][-1] if of_prefix else 0
            pieces += [*of_prefix, *_own_pieces(run, row, own_part)]
            parts += [own_part + 1] * (run.tokens.stop - run.tokens.start)
            prefix += bool(run.prefix)
            row += len(run.cached)
        self._pieces = np.array(pieces, dtype=PIECE)
        self._parts = np.array(parts, dtype=np.int64)

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return 1 x tokens x heads x width of attention; `query` is scaled already.

        `query` is 1 x heads x tokens x width; `key` and `value` are buffers of rows' own, slots x
        heads x ..., which compiled code can read.
        """
        from harness.models.attention.compiled_task import (
            WORK,
            attention_task,
            buffer_length,
            merge_task,
        )

        query = query if query.stride(3) == 1 else query.contiguous()
        _, heads, tokens, width = query.shape
        sources = self._sources(layer, key, value)
        parts = int(self._parts.max())
        sums = query.new_empty(parts, tokens, heads, width)
        totals = query.new_empty(parts, tokens, heads, 2)
        buffers = query.new_empty(torch.get_num_threads(), buffer_length(width))
        out = query.new_empty(1, tokens, heads, width)
        counters = np.zeros(3, dtype=np.int64)
        work = np.array(
            (
                counters.ctypes.data,
                self._pieces.ctypes.data,
                len(self._pieces),
                sources.ctypes.data,
                buffers.data_ptr(),
                buffers.shape[1],
                heads,
                key.shape[1],
                width,
                tokens,
                query.data_ptr(),
                query.stride(2),
                query.stride(1),
                sums.data_ptr(),
                totals.data_ptr(),
                self._parts.ctypes.data,
                out.data_ptr(),
            ),
            dtype=WORK,
        )
        run_on_threads(attention_task.address, work.ctypes.data)
        run_on_threads(merge_task.address, work.ctypes.data)
        return out

    def _sources(self, layer: int, key: Tensor, value: Tensor) -> "np.ndarray[Any, Any]":
        """Return what compiled code is told of prefixes, then of rows' own keys and values."""
        prefixes = [places[layer] for places in self._prefixes]
        first_slot = places_of(key[0], value[0])
        sources = np.array([*prefixes, *[first_slot] * len(self._slots)], dtype=np.int64)
        sources[len(prefixes) :, 0] += self._slots * (4 * key.stride(0))
        sources[len(prefixes) :, 2] += self._slots * (4 * value.stride(0))
        return sources


def _prefix_pieces(length: int, tokens: slice, source: int) -> Iterator[tuple[int, ...]]:
    """Yield what compiled code is told of a prefix of so many keys, all of which tokens see."""
    first, stop = tokens.start, tokens.stop
    step = _KEYS_OF_FEW if stop - first <= _FEW_TOKENS else max(1, length)
    for part, key in enumerate(range(0, length, step)):
        end = min(key + step, length)
        for token in range(first, stop, _TOKENS):
            yield (source, key, end, token, min(_TOKENS, stop - token), end, 0, part)


def _own_pieces(run: Run, source: int, part: int) -> Iterator[tuple[int, ...]]:
    """Yield the same of the keys of each row's own, of which a token sees those before it."""
    for row, cached in enumerate(run.cached):
        first = run.tokens.start + row * run.fed
        for token in range(0, run.fed, _TOKENS):
            count = min(_TOKENS, run.fed - token)
            seen = cached + token + 1
            yield (source + row, 0, cached + run.fed, first + token, count, seen, 1, part)
