"""Attention over prefixes that many prompts share, with one copy of their keys and values.

Each row of a batch is a prompt: a prefix, and a suffix. Rows whose prompts begin alike point
at the same prefix; the suffixes alone have keys and values of their own, in a buffer that is
made once. transformers' own caches hold a copy of the prefix for each row, and copy all of it
at each token. Rows with different prefixes need no padding between them.

Imported only where a model is loaded: torch stands at the top, because a cache is one of
transformers' classes.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, DynamicCache
from transformers.cache_utils import Cache, DynamicLayer

from harness.errors import ModelError

_NAME = "shared-beginnings"
# Scores that are worked on at once: what stays in a processor's cache, and what a GPU can hold.
_SCORES_AT_ONCE = {"cpu": 400_000}
_SCORES_AT_ONCE_ELSEWHERE = 50_000_000
# What some models add to attention, and nothing here computes.
_UNSUPPORTED_OPTIONS = ("softcap", "s_aux", "position_bias", "sliding_window")


class UnknownAttentionError(ModelError):
    """The model's attention is not the plain one that is computed here."""


class _SuffixLayer(DynamicLayer):  # type: ignore[misc] # transformers has no types
    """One layer's keys and values of suffixes: rows x heads x capacity x width, filled from 0."""

    is_croppable = False

    def __init__(self, prefix_length: int, capacity: int) -> None:
        super().__init__()
        self._prefix_length = prefix_length
        self._capacity = capacity
        self._filled = 0

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        rows, heads = key_states.shape[:2]
        self.dtype, self.device = attention_dtype(key_states), key_states.device
        self.keys, self.values = (
            torch.empty(
                (rows, heads, self._capacity, states.shape[-1]),
                dtype=self.dtype,
                device=self.device,
            )
            for states in (key_states, value_states)
        )
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        new = slice(self._filled, self._filled + key_states.shape[2])
        self.keys[:, :, new] = key_states
        self.values[:, :, new] = value_states
        self._filled = new.stop
        return self.keys[:, :, : new.stop], self.values[:, :, : new.stop]

    def get_seq_length(self) -> int:
        return self._prefix_length + self._filled


class SharedPrefixCache(Cache):  # type: ignore[misc] # transformers has no types
    """The cache of a batch of prompts: shared prefixes, and each row's suffix.

    `prefixes` and `rows` say how many rows in a row have which prefix. `gaps` holds how many
    masked tokens stand between each row's prefix and its suffix, so that all suffixes end
    together; `capacity` is the most tokens that a suffix, with its gap and reply, can have.
    """

    def __init__(
        self,
        prefixes: Sequence["SharedPrefix"],
        rows: Sequence[int],
        gaps: Sequence[int],
        capacity: int,
    ) -> None:
        """Point at the prefixes, and make a buffer for the suffixes when the first come."""
        longest = max(prefix.length for prefix in prefixes)
        super().__init__(layers=[_SuffixLayer(longest, capacity) for _ in prefixes[0].layers])
        self._groups = list(zip(prefixes, rows, strict=True))
        self._gaps = torch.tensor(gaps)
        self.attended_layers: set[int] = set()  # the layers that asked for attention

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return rows x queries x heads x width of attention; `query` is scaled already.

        `query` is rows x heads x queries x width, `key` and `value` are those of the suffixes.
        """
        self.attended_layers.add(layer)
        queries, filled = query.shape[2], key.shape[2]
        positions = torch.arange(filled, device=query.device)
        gaps = self._gaps.to(query.device)
        seen = (positions >= gaps[:, None])[:, None] & (
            positions <= positions[filled - queries :, None]  # not what comes later
        )
        max_scores = _SCORES_AT_ONCE.get(query.device.type, _SCORES_AT_ONCE_ELSEWHERE)
        out = torch.empty(
            (len(query), queries, query.shape[1], value.shape[-1]),
            dtype=query.dtype,
            device=query.device,
        )
        first_row = 0
        for prefix, count in self._groups:
            prefix_states = prefix.layers[layer]
            size = max(1, max_scores // (query.shape[1] * queries * (prefix.length + filled)))
            for start in range(first_row, first_row + count, size):
                rows = slice(start, min(start + size, first_row + count))
                out[rows] = _attention(
                    query[rows], prefix_states, (key[rows], value[rows]), seen[rows]
                )
            first_row += count
        return out


class SharedPrefix:
    """The keys and values of some first tokens, by layer: heads x tokens x width each."""

    def __init__(self, cache: DynamicCache) -> None:
        """Take them from a cache of one row that has seen those tokens."""
        self.length: int = cache.get_seq_length()
        self.layers = [
            tuple(states[0].to(attention_dtype(states)) for states in (layer.keys, layer.values))
            for layer in cache.layers
        ]


def attention_dtype(states: Tensor) -> torch.dtype:
    """Return the format to attend in: a CPU multiplies small bfloat16 matrices very slowly."""
    return torch.float32 if states.device.type == "cpu" else states.dtype


@contextlib.contextmanager
def shared_prefix_attention(model: Any, cache: SharedPrefixCache) -> Iterator[None]:
    """Let a model attend over a batch; raise UnknownAttentionError if it never asks to."""
    AttentionInterface.register(_NAME, _attend)
    usual = model.config._attn_implementation
    token = _current_cache.set(cache)
    try:
        model.set_attn_implementation(_NAME)
        if model.config._attn_implementation != _NAME:
            raise UnknownAttentionError("the model takes no other attention than its own")
        yield
        if len(cache.attended_layers) < len(cache.layers):
            raise UnknownAttentionError("the model computes its attention itself")
    finally:
        model.set_attn_implementation(usual)
        _current_cache.reset(token)


_current_cache: ContextVar[SharedPrefixCache] = ContextVar("batch")


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # noqa: ARG001 - the batch knows what each row may see
    scaling: float | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Do what transformers asks of an attention function."""
    unsupported = [name for name in _UNSUPPORTED_OPTIONS if options.get(name) is not None]
    if unsupported:
        raise UnknownAttentionError(f"attention with {unsupported[0]}")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scaled = query.to(key.dtype) * scale
    out = _current_cache.get().attend(module.layer_idx, scaled, key, value)
    return out.to(query.dtype), None


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
