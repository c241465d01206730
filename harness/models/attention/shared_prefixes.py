"""Attention over prefixes that many prompts share, with one copy of their keys and values.

Each row is a prompt: a prefix, and a suffix, to which its reply is added. Rows whose prompts begin
alike point at the same prefix; the suffixes alone have keys and values of their own, in a
buffer with a slot for each row. Rows come and go, and each goes on by as many tokens as it likes:
what goes through the model is the new tokens of all rows, one after the other, without padding.

Imported only where a model is loaded: torch stands at the top, because a cache is one of
transformers' classes.
"""

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from harness.models.attention.buffers import TILE, new_keys, write_keys
from harness.models.attention.by_torch import TorchAttention
from harness.models.attention.compiled import CompiledAttention, places_of
from harness.models.attention.runs import Run, attention_dtype


class SharedPrefix:
    """The keys and values of some first tokens, by layer: heads x tokens x width each.

    Where compiled code attends, keys are in blocks, and `places` says where by layer.
    """

    def __init__(self, cache: Cache) -> None:
        """Take them from a cache of one row that has seen those tokens."""
        self.length: int = cache.get_seq_length()
        self.layers = [
            tuple(states[0].to(attention_dtype(states)) for states in (layer.keys, layer.values))
            for layer in cache.layers
        ]
        blocked = all(keys.dim() > 3 for keys, _ in self.layers)
        self.places = [places_of(*layer) for layer in self.layers] if blocked else None


@dataclass(frozen=True, slots=True)
class Span:
    """New tokens of a row: the slot and the prefix it has, how many it has cached, and is fed."""

    prefix: SharedPrefix
    slot: int
    cached: int
    fed: int


class _SuffixLayer(DynamicLayer):  # type: ignore[misc] # transformers has no types
    """One layer's keys and values of suffixes: slots x heads x capacity x width."""

    is_croppable = False

    def __init__(self, batch: "SuffixCache") -> None:
        super().__init__()
        # Held by a circle, the buffers of rows long gone would wait for the garbage collector.
        self._batch = weakref.proxy(batch)

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.dtype, self.device = attention_dtype(key_states), key_states.device
        (_, heads, _, width), value_width = key_states.shape, value_states.shape[-1]
        like = torch.empty(0, dtype=self.dtype, device=self.device)
        self.keys = new_keys(like, 0, heads, 0, width, blocked=self._batch.compiled)
        self.values = like.new_empty((0, heads, 0, value_width))
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep the states of the fed tokens, 1 x heads x tokens x width; return the buffers."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self._grow(self._batch.slots, self._batch.capacity)
        slots, positions = self._batch.slot_of_token, self._batch.position_of_token
        write_keys(self.keys, slots, positions, key_states[0].transpose(0, 1))
        self.values[slots, :, positions] = value_states[0].transpose(0, 1).to(self.dtype)
        return self.keys, self.values

    def _grow(self, slots: int, capacity: int) -> None:
        """Let the buffers have so many slots and tokens at least, with what they hold."""
        old_slots, heads, old_capacity, width = self.values.shape
        if old_slots >= slots and old_capacity >= capacity:
            return
        slots, capacity = max(slots, old_slots), max(capacity, old_capacity)
        key_width = self.keys.shape[3]
        blocked = self._batch.compiled
        keys = new_keys(self.keys, slots, heads, capacity, key_width, blocked=blocked)
        values = self.values.new_empty((slots, heads, capacity, width))
        for buffer, held in ((keys, self.keys), (values, self.values)):
            buffer.zero_()  # what no row has written yet is masked, and must be numbers still
            buffer[:old_slots, :, : held.shape[2]] = held
        self.keys, self.values = keys, values

    def move(self, source: int, target: int) -> None:
        """Copy a slot's states to another."""
        self.keys[target], self.values[target] = self.keys[source], self.values[source]

    def clear(self, slot: int) -> None:
        """Make a slot's states numbers again."""
        self.keys[slot], self.values[slot] = 0, 0

    def get_seq_length(self) -> int:
        longest: int = self._batch.longest
        return longest


class SuffixCache(Cache):  # type: ignore[misc] # transformers has no types
    """The keys and values of rows' suffixes, and how they attend over these and their prefixes."""

    def __init__(self, layer_count: int) -> None:
        """Hold no row yet."""
        super().__init__(layers=[_SuffixLayer(self) for _ in range(layer_count)])
        self.attended_layers: set[int] = set()  # the layers that asked for attention
        self.slots = self.capacity = self.longest = 0
        self.compiled = False  # whether compiled code attends
        self._attention: CompiledAttention | TorchAttention

    def feed(self, spans: Sequence[Span], device: torch.device) -> None:
        """Make ready for the next tokens of rows, which are in the order of their slots.

        Where rows' tokens are equally many, those with one prefix are worked on together.
        """
        self.slots = max(self.slots, 1 + spans[-1].slot)
        most = max(span.cached + span.fed for span in spans)
        if most > self.capacity:
            # It grows by so many tokens that buffers are not copied at each.
            self.capacity = -(-most // TILE) * TILE
        self.longest = max(span.prefix.length + span.cached for span in spans)
        self.slot_of_token = torch.tensor(
            [span.slot for span in spans for _ in range(span.fed)], device=device
        )
        self.position_of_token = torch.tensor(
            [span.cached + step for span in spans for step in range(span.fed)], device=device
        )
        runs = list(_runs(spans))
        self.compiled = all(span.prefix.places for span in spans)
        self._attention = CompiledAttention(runs) if self.compiled else TorchAttention(runs, device)

    def move(self, source: int, target: int) -> None:
        """Give a row another slot."""
        with torch.inference_mode():
            for layer in self.layers:
                layer.move(source, target)

    def clear(self, slot: int) -> None:
        """Make a slot's states numbers again, where its row's were none."""
        with torch.inference_mode():
            for layer in self.layers:
                layer.clear(slot)

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return 1 x tokens x heads x width of attention; `query` is scaled already.

        `query` is 1 x heads x tokens x width, `key` and `value` are the buffers.
        """
        self.attended_layers.add(layer)
        return self._attention.attend(layer, query, key, value)


def _runs(spans: Sequence[Span]) -> Iterator[Run]:
    """Yield spans in consecutive slots that share their prefix, and are fed as many tokens."""
    first = 0
    alike: list[Span] = []
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        alike.append(span)
        if following is None or (following.prefix, following.slot, following.fed) != (
            span.prefix,
            span.slot + 1,
            span.fed,
        ):
            end = first + len(alike) * span.fed
            yield Run(
                span.prefix,
                slice(alike[0].slot, span.slot + 1),
                slice(first, end),
                span.fed,
                tuple(each.cached for each in alike),
            )
            first, alike = end, []
