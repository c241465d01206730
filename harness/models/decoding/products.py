"""Matrix products of a few tokens, with their operands turned round where that is faster.

A step of decoding multiplies each weight matrix with a few tokens, and waits for the matrix to
come out of memory. MKL does that at half of the memory's speed where the tokens are its rows, and
at all of it where they are its columns. Other processors and libraries differ: it is tried.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

# So many tokens at once are what turning was seen to be faster for.
_TOKENS = range(2, 9)
# It is tried with so many of them, on more numbers than a processor's cache holds.
_TRIED_TOKENS = 5
_TRIED_NUMBERS = 12_000_000
_TRIES = 3
# What is gained must be more than chance: turned, the products must take less than this share.
_GAIN = 0.9


class TurnedProducts:
    """The plain float32 linear layers of a model, if turning is faster for them here."""

    def __init__(self, model: nn.Module, share: float = _GAIN) -> None:
        """Find the layers and try; none are turned on other devices than a CPU.

        Turned, they must take less than this share of the time.
        """
        layers = [module for module in model.modules() if _is_plain(module)]
        self._layers = layers if layers and _share_of_time(layers) < share else []

    def __bool__(self) -> bool:
        """Whether any layer is turned."""
        return bool(self._layers)

    @contextlib.contextmanager
    def turned(self, tokens: int) -> Iterator[None]:
        """Let the layers multiply so many tokens the faster way within the block."""
        layers = self._layers if tokens in _TOKENS else []
        try:
            for layer in layers:
                layer.__dict__["forward"] = partial(_turned, layer)  # stands before its class's
            yield
        finally:
            for layer in layers:
                del layer.__dict__["forward"]


def _is_plain(module: nn.Module) -> bool:
    return (
        type(module) is nn.Linear
        and type(module.weight) is nn.Parameter
        and module.weight.dtype == torch.float32
        and module.weight.device.type == "cpu"
        and "forward" not in module.__dict__
    )


def _turned(layer: Any, states: Tensor) -> Tensor:
    """Return what the layer gives for states, ... x width, by another order of operands."""
    flat = states.reshape(-1, states.shape[-1])
    product = torch.mm(layer.weight, flat.t()).t().contiguous()
    if layer.bias is not None:
        product += layer.bias
    return product.view(*states.shape[:-1], -1)


def _share_of_time(layers: Sequence[Any]) -> float:
    """Return how long turned products take, as a share of what others do."""
    tried, numbers = [], 0
    for layer in layers:
        tried.append((layer, torch.ones(_TRIED_TOKENS, layer.in_features)))
        numbers += layer.weight.numel()
        if numbers > _TRIED_NUMBERS:
            break

    def seconds(product: Callable[[Any, Tensor], Any]) -> float:
        start = time.perf_counter()
        for layer, states in tried:
            product(layer, states)
        return time.perf_counter() - start

    with torch.inference_mode():
        rounds = [(seconds(_turned), seconds(nn.Linear.forward)) for _ in range(_TRIES)]
    turned = min(first for first, _ in rounds)
    plain = min(second for _, second in rounds)
    return turned / plain
