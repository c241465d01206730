"""Attention over beginnings that many prompts share, with one copy of their keys and values.

Each row of a batch is a prompt: a beginning, and a rest. Rows whose prompts begin alike point
at the same beginning; the rests alone have keys and values of their own, in a buffer that is
made once. transformers' own caches hold a copy of the beginning for each row, and copy all of it
at each token. Rows with different beginnings need no padding between them.

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
_SCORES = {"cpu": 400_000}
_SCORES_ELSEWHERE = 50_000_000
# What some models add to attention, and nothing here computes.
_UNKNOWN = ("softcap", "s_aux", "position_bias", "sliding_window")


class UnknownAttentionError(ModelError):
    """The model's attention is not the plain one that is computed here."""


class _Rests(DynamicLayer):  # type: ignore[misc] # transformers has no types
    """One layer's keys and values of the rests: rows x heads x room x width, filled from 0."""

    is_croppable = False

    def __init__(self, beginning: int, room: int) -> None:
        super().__init__()
        self._beginning = beginning
        self._room = room
        self._filled = 0

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        rows, heads = key_states.shape[:2]
        self.dtype, self.device = number_format(key_states), key_states.device
        self.keys, self.values = (
            torch.empty(
                (rows, heads, self._room, states.shape[-1]), dtype=self.dtype, device=self.device
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
        return self._beginning + self._filled


class Batch(Cache):  # type: ignore[misc] # transformers has no types
    """The cache of a batch of prompts: shared beginnings, and each row's rest.

    `beginnings` and `rows` say how many rows in a row have which beginning. `gaps` holds how many
    masked tokens stand between each row's beginning and its rest, so that all rests end
    together; `room` is the most tokens that a rest, with its gap and reply, can have.
    """

    def __init__(
        self,
        beginnings: Sequence["Beginning"],
        rows: Sequence[int],
        gaps: Sequence[int],
        room: int,
    ) -> None:
        """Point at the beginnings, and make a buffer for the rests when the first come."""
        longest = max(one.length for one in beginnings)
        super().__init__(layers=[_Rests(longest, room) for _ in beginnings[0].layers])
        self._groups = list(zip(beginnings, rows, strict=True))
        self._gaps = torch.tensor(gaps)
        self.attended: set[int] = set()  # the layers that asked for attention

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return rows x queries x heads x width of attention; `query` is scaled already.

        `query` is rows x heads x queries x width, `key` and `value` are those of the rests.
        """
        self.attended.add(layer)
        queries, filled = query.shape[2], key.shape[2]
        places = torch.arange(filled, device=query.device)
        gaps = self._gaps.to(query.device)
        seen = (places >= gaps[:, None])[:, None] & (
            places <= places[filled - queries :, None]  # not what comes later
        )
        most = _SCORES.get(query.device.type, _SCORES_ELSEWHERE)
        out = torch.empty(
            (len(query), queries, query.shape[1], value.shape[-1]),
            dtype=query.dtype,
            device=query.device,
        )
        at = 0
        for beginning, count in self._groups:
            before = beginning.layers[layer]
            size = max(1, most // (query.shape[1] * queries * (beginning.length + filled)))
            for start in range(at, at + count, size):
                rows = slice(start, min(start + size, at + count))
                out[rows] = _attention(query[rows], before, (key[rows], value[rows]), seen[rows])
            at += count
        return out


class Beginning:
    """The keys and values of some first tokens, by layer: heads x tokens x width each."""

    def __init__(self, cache: DynamicCache) -> None:
        """Take them from a cache of one row that has seen those tokens."""
        self.length: int = cache.get_seq_length()
        self.layers = [
            tuple(states[0].to(number_format(states)) for states in (layer.keys, layer.values))
            for layer in cache.layers
        ]


def number_format(states: Tensor) -> torch.dtype:
    """Return the format to attend in: a CPU multiplies small bfloat16 matrices very slowly."""
    return torch.float32 if states.device.type == "cpu" else states.dtype


@contextlib.contextmanager
def attending(model: Any, batch: Batch) -> Iterator[None]:
    """Let a model attend over a batch; raise UnknownAttentionError if it never asks to."""
    AttentionInterface.register(_NAME, _attend)
    usual = model.config._attn_implementation
    token = _batch.set(batch)
    try:
        model.set_attn_implementation(_NAME)
        if model.config._attn_implementation != _NAME:
            raise UnknownAttentionError("the model takes no other attention than its own")
        yield
        if len(batch.attended) < len(batch.layers):
            raise UnknownAttentionError("the model computes its attention itself")
    finally:
        model.set_attn_implementation(usual)
        _batch.reset(token)


_batch: ContextVar[Batch] = ContextVar("batch")


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
    unknown = [name for name in _UNKNOWN if options.get(name) is not None]
    if unknown:
        raise UnknownAttentionError(f"attention with {unknown[0]}")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scaled = query.to(key.dtype) * scale
    out = _batch.get().attend(module.layer_idx, scaled, key, value)
    return out.to(query.dtype), None


def _attention(
    query: Tensor, beginning: Sequence[Tensor], rest: tuple[Tensor, Tensor], seen: Tensor
) -> Tensor:
    """Return rows x queries x heads x width of attention over one beginning and the rests.

    `seen` is rows x queries x rest: which of the rest each query may see. One softmax over both
    parts, whose exponentials are never put side by side.
    """
    keys, values = rest
    rows, heads, queries, width = query.shape
    shared, filled = keys.shape[1:3]
    each = heads // shared * queries  # the queries that look at the same keys
    packed = query.reshape(rows, shared, each, width)
    flat = packed.transpose(0, 1).reshape(shared, rows * each, width)
    before = torch.bmm(flat, beginning[0].transpose(1, 2)).float()
    after = torch.matmul(packed, keys.transpose(2, 3)).float()
    after = after.view(rows, shared, -1, queries, filled)
    after = after.masked_fill_(~seen[:, None, None], -torch.inf).view(rows, shared, each, filled)
    top = torch.maximum(
        before.amax(-1).view(shared, rows, each).transpose(0, 1), after.amax(-1)
    )  # rows x shared x each
    before.sub_(top.transpose(0, 1).reshape(shared, rows * each, 1)).exp_()
    after.sub_(top[..., None]).exp_()
    total = before.sum(-1).view(shared, rows, each).transpose(0, 1) + after.sum(-1)
    out = torch.bmm(before.to(query.dtype), beginning[1]).view(shared, rows, each, -1)
    out = out.transpose(0, 1) + torch.matmul(after.to(query.dtype), values)
    out = out / total[..., None]
    return out.reshape(rows, heads, queries, -1).transpose(1, 2)
