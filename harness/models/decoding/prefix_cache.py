"""The keys and values of first tokens, in buffers that are as long as they will be.

A cache that grows is copied each time that it does, and what it leaves behind lies between other
things, where the system does not get it back: of a long article as much as the cache itself. So all
layers have theirs in one piece, which is large enough to be the system's again when it is freed.
"""

import weakref
from typing import Any

from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer


class _Layer(DynamicLayer):  # type: ignore[misc] # transformers has no types
    """One layer's keys and values, 1 x heads x capacity x width, of which the first are filled."""

    is_croppable = False

    def __init__(self, cache: "PrefixCache", index: int) -> None:
        super().__init__()
        self._cache = weakref.proxy(cache)
        self._index = index

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.dtype, self.device = key_states.dtype, key_states.device
        self._buffers = self._cache.buffers(self._index, key_states, value_states)
        self.keys, self.values = (buffer[:, :, :0] for buffer in self._buffers)
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep the states of the next tokens, 1 x heads x tokens x width; return all so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        begin = self.keys.shape[-2]
        end = begin + key_states.shape[-2]
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, begin:end] = states
        self.keys, self.values = (buffer[:, :, :end] for buffer in self._buffers)
        return self.keys, self.values


class PrefixCache(Cache):  # type: ignore[misc] # transformers has no types
    """A cache of one row for so many tokens and no more."""

    def __init__(self, layer_count: int, tokens: int) -> None:
        """Hold nothing yet; the first states that come say how wide the buffers are."""
        super().__init__(layers=[_Layer(self, index) for index in range(layer_count)])
        self._tokens = tokens
        self._pieces: list[Tensor] = []  # of keys and of values, layers x one layer's

    def buffers(self, layer: int, *states: Tensor) -> list[Tensor]:
        """Return a layer's buffers for states of 1 x heads x tokens x width, one of each."""
        shapes = [(1, own.shape[1], self._tokens, own.shape[-1]) for own in states]
        if not self._pieces:
            self._pieces = [
                own.new_empty((len(self.layers), *shape))
                for own, shape in zip(states, shapes, strict=True)
            ]
        return [
            piece[layer]
            if (piece.shape[1:], piece.dtype, piece.device) == (shape, own.dtype, own.device)
            else own.new_empty(shape)  # of a model whose layers differ
            for piece, own, shape in zip(self._pieces, states, shapes, strict=True)
        ]
