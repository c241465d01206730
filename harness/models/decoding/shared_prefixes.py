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

# Scores that are worked on at once: what stays in a processor's cache, and what a GPU can hold.
_SCORES_AT_ONCE = {"cpu": 400_000}
_SCORES_AT_ONCE_ELSEWHERE = 50_000_000
# Buffers grow by so many tokens, so that they are not copied at each.
_TOKENS_AT_ONCE = 32


class SharedPrefix:
    """The keys and values of some first tokens, by layer: heads x tokens x width each."""

    def __init__(self, cache: Cache) -> None:
        """Take them from a cache of one row that has seen those tokens."""
        self.length: int = cache.get_seq_length()
        self.layers = [
            tuple(states[0].to(attention_dtype(states)) for states in (layer.keys, layer.values))
            for layer in cache.layers
        ]


@dataclass(frozen=True, slots=True)
class Span:
    """New tokens of a row: the slot and the prefix it has, how many it has cached, and is fed."""

    prefix: SharedPrefix
    slot: int
    cached: int
    fed: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows of consecutive slots with one prefix, fed as many tokens each.

    `tokens` is where these are among all that are fed. `seen`, rows x fed x suffix, says which of
    the suffix each may see.
    """

    prefix: SharedPrefix
    slots: slice
    tokens: slice
    fed: int
    seen: Tensor


class _SuffixLayer(DynamicLayer):  # type: ignore[misc] # transformers has no types
    """One layer's keys and values of suffixes: slots x heads x capacity x width."""

    is_croppable = False

    def __init__(self, batch: "SuffixCache") -> None:
        super().__init__()
        # Held by a circle, the buffers of rows long gone would wait for the garbage collector.
        self._batch = weakref.proxy(batch)

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.dtype, self.device = attention_dtype(key_states), key_states.device
        self.keys, self.values = (
            torch.empty(
                (0, states.shape[1], 0, states.shape[-1]), dtype=self.dtype, device=self.device
            )
            for states in (key_states, value_states)
        )
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep the states of the fed tokens, 1 x heads x tokens x width; return the buffers."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self.keys, self.values = (
            _grown(states, self._batch.slots, self._batch.capacity)
            for states in (self.keys, self.values)
        )
        slots, positions = self._batch.slot_of_token, self._batch.position_of_token
        self.keys[slots, :, positions] = key_states[0].transpose(0, 1).to(self.dtype)
        self.values[slots, :, positions] = value_states[0].transpose(0, 1).to(self.dtype)
        return self.keys, self.values

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
        self._runs: list[_Run] = []

    def feed(self, spans: Sequence[Span], device: torch.device) -> None:
        """Make ready for the next tokens of rows, which are in the order of their slots.

        Where rows' tokens are equally many, those with one prefix are worked on together.
        """
        self.slots = max(self.slots, 1 + spans[-1].slot)
        most = max(span.cached + span.fed for span in spans)
        if most > self.capacity:
            self.capacity = -(-most // _TOKENS_AT_ONCE) * _TOKENS_AT_ONCE
        self.longest = max(span.prefix.length + span.cached for span in spans)
        self.slot_of_token = torch.tensor(
            [span.slot for span in spans for _ in range(span.fed)], device=device
        )
        self.position_of_token = torch.tensor(
            [span.cached + step for span in spans for step in range(span.fed)], device=device
        )
        self._runs = []
        first_token = 0
        for run in _equal_neighbours(spans):
            first, tokens = run[0], len(run) * run[0].fed
            filled = max(span.cached for span in run) + first.fed
            positions = self.position_of_token[first_token : first_token + tokens]
            seen = torch.arange(filled, device=device) <= positions.view(len(run), -1, 1)
            self._runs.append(
                _Run(
                    first.prefix,
                    slice(first.slot, first.slot + len(run)),
                    slice(first_token, first_token + tokens),
                    first.fed,
                    seen,
                )
            )
            first_token += tokens

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
        heads = query.shape[1]
        max_scores = _SCORES_AT_ONCE.get(query.device.type, _SCORES_AT_ONCE_ELSEWHERE)
        out = torch.empty(
            (query.shape[2], heads, value.shape[-1]), dtype=query.dtype, device=query.device
        )
        for run in self._runs:
            prefix = run.prefix.layers[layer]
            rows, fed, filled = run.seen.shape
            queries = query[0, :, run.tokens].view(heads, rows, fed, -1).transpose(0, 1)
            keys, values = key[run.slots, :, :filled], value[run.slots, :, :filled]
            states = out[run.tokens].view(rows, fed, heads, -1)
            size = max(1, max_scores // (heads * fed * (run.prefix.length + filled)))
            for start in range(0, rows, size):
                part = slice(start, start + size)
                states[part] = _attention(
                    queries[part], prefix, (keys[part], values[part]), run.seen[part]
                )
        return out[None]


def _equal_neighbours(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield spans in consecutive slots that share their prefix, and are equally long."""
    run: list[Span] = []
    for span in spans:
        if run and (span.prefix, span.slot, span.fed) != (
            run[-1].prefix,
            run[-1].slot + 1,
            run[-1].fed,
        ):
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _grown(states: Tensor, slots: int, capacity: int) -> Tensor:
    """Return a buffer with so many slots and tokens at least, with what it held."""
    old_slots, heads, old_capacity, width = states.shape
    if old_slots >= slots and old_capacity >= capacity:
        return states
    # What no row has written yet is masked, and must be numbers still.
    grown = states.new_zeros((max(slots, old_slots), heads, max(capacity, old_capacity), width))
    grown[:old_slots, :, :old_capacity] = states
    return grown


def attention_dtype(states: Tensor) -> torch.dtype:
    """Return the format to attend in: a CPU multiplies small bfloat16 matrices very slowly."""
    return torch.float32 if states.device.type == "cpu" else states.dtype


def _attention(
    query: Tensor, prefix: Sequence[Tensor], suffix: tuple[Tensor, Tensor], seen: Tensor
) -> Tensor:
    """Return rows x queries x heads x width of attention over one prefix and the suffixes.

    `seen` is rows x queries x suffix: which of the suffix each query may see. One softmax over both
    parts, whose exponentials are never put side by side.
    """
    keys, values = suffix
    rows, heads, queries, width = query.shape
    kv_heads, filled = keys.shape[1:3]
    each = heads // kv_heads * queries  # the queries that look at the same keys
    packed = query.reshape(rows, kv_heads, each, width)
    flat = packed.transpose(0, 1).reshape(kv_heads, rows * each, width)
    prefix_scores = torch.bmm(flat, prefix[0].transpose(1, 2)).float()
    suffix_scores = torch.matmul(packed, keys.transpose(2, 3)).float()
    suffix_scores = suffix_scores.view(rows, kv_heads, -1, queries, filled)
    suffix_scores = suffix_scores.masked_fill_(~seen[:, None, None], -torch.inf)
    suffix_scores = suffix_scores.view(rows, kv_heads, each, filled)
    top = torch.maximum(
        prefix_scores.amax(-1).view(kv_heads, rows, each).transpose(0, 1),
        suffix_scores.amax(-1),
    )  # rows x kv_heads x each
    prefix_scores.sub_(top.transpose(0, 1).reshape(kv_heads, rows * each, 1)).exp_()
    suffix_scores.sub_(top[..., None]).exp_()
    total = prefix_scores.sum(-1).view(kv_heads, rows, each).transpose(0, 1)
    total = total + suffix_scores.sum(-1)
    out = torch.bmm(prefix_scores.to(query.dtype), prefix[1]).view(kv_heads, rows, each, -1)
    out = out.transpose(0, 1) + torch.matmul(suffix_scores.to(query.dtype), values)
    out = out / total[..., None]
    return out.reshape(rows, heads, queries, -1).transpose(1, 2)
