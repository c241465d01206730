"""How a loaded model is made to attend over rows that share prefixes, and whether it can be."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

from harness.errors import ModelError
from harness.models.attention.prefix_cache import PrefixCache
from harness.models.attention.shared_prefixes import SharedPrefix, Span, SuffixCache

_NAME = "shared-beginnings"
# What some models add to attention, and nothing here computes.
_UNSUPPORTED_OPTIONS = ("softcap", "s_aux", "position_bias", "sliding_window")
# How far logits may be apart, as a share of the greatest.
_AS_MUCH_AS_ROUNDING = 1e-3


class UnknownAttentionError(ModelError):
    """The model's attention is not the plain one that is computed here."""


@contextlib.contextmanager
def attention_by(model: Any, cache: SuffixCache | PrefixCache) -> Iterator[None]:
    """Let a cache attend for a model; raise UnknownAttentionError if it is not asked to."""
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


_current_cache: ContextVar[SuffixCache | PrefixCache] = ContextVar("batch")


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


def attends_plainly(model: Any, prefill: Callable[[tuple[int, ...]], SharedPrefix]) -> bool:
    """Return whether a model's own attention comes to what is computed here, tried on a few tokens.

    Two rows that share a prefix go through it beside each other, and one of them by itself. In
    number formats that round much, only whether the model asks for attention at all counts.
    """
    prefix, suffix, other = (1, 2, 3), [4, 5, 6], [7, 5]
    try:
        shared = prefill(prefix)
        cache = SuffixCache(len(shared.layers))
        cache.feed([Span(shared, 0, 0, len(other)), Span(shared, 1, 0, len(suffix))], model.device)
        positions = [3, 4, 3, 4, 5]
        with torch.inference_mode():
            with attention_by(model, cache):
                beside = model(
                    input_ids=torch.tensor([[*other, *suffix]], device=model.device),
                    position_ids=torch.tensor([positions], device=model.device),
                    past_key_values=cache,
                    use_cache=True,
                ).logits[0, -1]
            ids = torch.tensor([[*prefix, *suffix]], device=model.device)
            alone = model(input_ids=ids, use_cache=False).logits[0, -1]
    except Exception:  # of whatever kind: then its own `generate` is asked
        return False
    if model.dtype != torch.float32 or not alone.isfinite().all():
        return True
    return bool((beside - alone).abs().max() <= _AS_MUCH_AS_ROUNDING * alone.abs().max())
