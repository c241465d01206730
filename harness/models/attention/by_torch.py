"""Attention over shared prefixes and suffixes by PyTorch, on any device."""

from collections.abc import Sequence

import torch
from torch import Tensor

from harness.models.attention.runs import Run

# Scores that are worked on at once: what stays in a processor's cache, and what a GPU can hold.
_SCORES_AT_ONCE = {"cpu": 400_000}
_SCORES_AT_ONCE_ELSEWHERE = 50_000_000


class TorchAttention:
    """One step's attention."""

    def __init__(self, runs: Sequence[Run], device: torch.device) -> None:
        """Take runs, each with a prefix."""
        self._runs = [(run, run.prefix, _seen(run, device)) for run in runs if run.prefix]

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return 1 x tokens x heads x width of attention; `query` is scaled already.

        `query` is 1 x heads x tokens x width; `key` and `value` are buffers of rows' own, slots x
        heads x tokens x width.
        """
        heads = query.shape[1]
        max_scores = _SCORES_AT_ONCE.get(query.device.type, _SCORES_AT_ONCE_ELSEWHERE)
        out = query.new_empty((query.shape[2], heads, value.shape[-1]))
        for run, prefix, seen in self._runs:
            rows, fed, filled = seen.shape
            queries = query[0, :, run.tokens].view(heads, rows, fed, -1).transpose(0, 1)
            keys, values = key[run.slots, :, :filled], value[run.slots, :, :filled]
            states = out[run.tokens].view(rows, fed, heads, -1)
            size = max(1, max_scores // (heads * fed * (prefix.length + filled)))
            for start in range(0, rows, size):
                part = slice(start, start + size)
                states[part] = _attention(
                    queries[part],
                    prefix.layers[layer],
                    (keys[part], values[part]),
                    seen[part],
                )
        return out[None]


def _seen(run: Run, device: torch.device) -> Tensor:
    """Return which of its row's own keys each token sees: rows x fed x keys."""
    cached = torch.tensor(run.cached, device=device)[:, None]
    positions = cached + torch.arange(run.fed, device=device)
    keys = torch.arange(max(run.cached) + run.fed, device=device)
    return keys <= positions[..., None]


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
