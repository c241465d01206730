"""The keys and values of first tokens, in buffers that are as long as they will be.

A cache that grows is copied each time that it does, and what it leaves behind lies between other
things, where the system does not get it back: of a long article as much as the cache itself. So all
layers have theirs in one piece, which is large enough to be the system's again when it is freed.
"""

import weakref
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from harness.models.attention.buffers import TILE, new_keys, write_keys
from harness.models.attention.compiled import CompiledAttention
from harness.models.attention.runs import Run, attention_dtype


class _Layer(DynamicLayer):  # type: ignore[misc] # transformers has no types
    """One layer's keys and values, 1 x heads x capacity x width, of which the first are filled."""

    is_croppable = False

    def __init__(self, cache: "PrefixCache", index: int) -> None:
        super().__init__()
        self._cache = weakref.proxy(cache)
        self._index = index

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self._buffers = self._cache.buffers(self._index, key_states, value_states)
        self.dtype, self.device = self._buffers[0].dtype, key_states.device
        self._filled = 0
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep the states of the next tokens, 1 x heads x tokens x width; return all so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        begin, self._filled = self._filled, self._filled + key_states.shape[-2]
        keys, values = self._buffers
        positions = torch.arange(begin, self._filled, device=self.device)
        slots = torch.zeros_like(positions)
        write_keys(keys, slots, positions, key_states[0].transpose(0, 1))
        values[:, :, begin : self._filled] = value_states
        blocks = -(-self._filled // TILE) if keys.dim() > 4 else self._filled
        self.keys, self.values = keys[:, :, :blocks], values[:, :, : self._filled]
        return self.keys, self.values

    def get_seq_length(self) -> int:
        return self._filled if self.is_initialized else 0


class PrefixCache(Cache):  # type: ignore[misc] # transformers has no types
    """A cache of one row for so many tokens and no more.

    With `compiled` its keys are in blocks, and compiled code attends; else a model's own does.
    """

    def __init__(self, layer_count: int, tokens: int, *, compiled: bool = False) -> None:
        """Hold nothing yet; the first states that come say how wide the buffers are."""
        super().__init__(layers=[_Layer(self, index) for index in range(layer_count)])
        self.attended_layers: set[int] = set()  # the layers that asked for attention
        self._tokens = tokens
        self._compiled = compiled
        self._pieces: list[Tensor] = []  # of keys and of values, layers x one layer's

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return 1 x tokens x heads x width of attention; `query` is scaled already."""
        self.attended_layers.add(layer)
        tokens = query.shape[2]
        cached = self.get_seq_length(layer) - tokens
        run = Run(None, slice(0, 1), slice(0, tokens), tokens, (cached,))
        return CompiledAttention([run]).attend(layer, query, key, value)

    def buffers(self, layer: int, keys: Tensor, values: Tensor) -> list[Tensor]:
        """Return a layer's buffers for keys and values of 1 x heads x tokens x width."""
        kind = [(own.shape[1], own.shape[3], own.device) for own in (keys, values)]
        if not self._pieces:
            self._kind, self._pieces = kind, self._new_buffers(keys, values, len(self.layers))
        if kind != self._kind:
            return self._new_buffers(keys, values, 1)  # of a model whose layers differ
        return [piece[layer : layer + 1] for piece in self._pieces]

    def _new_buffers(self, keys: Tensor, values: Tensor, layers: int) -> list[Tensor]:
        (_, heads, _, width), (_, value_heads, _, value_width) = keys.shape, values.shape
        like = keys.new_empty(0, dtype=attention_dtype(keys) if self._compiled else keys.dtype)
        return [
            new_keys(like, layers, heads, self._tokens, width, blocked=self._compiled),
            like.new_empty((layers, value_heads, self._tokens, value_width)),
        ]
