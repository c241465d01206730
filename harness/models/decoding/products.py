"""Matrix products of float32 linear layers on a CPU, in the way that is fastest there.

A step of decoding multiplies each weight matrix with a few tokens, and waits for the matrix to
come out of memory. MKL, by which PyTorch multiplies, does that at half of the memory's speed where
the tokens are its rows, and at all of it where they are its columns. Many tokens wait for the
processor: on those of AMD oneDNN, which PyTorch has too, is faster than MKL. So it is tried.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from harness.models.low_bit.block_linear import BlockLinear, multiply
from harness.models.onednn.packed_linear import is_float32_on_cpu
from harness.models.onednn.rounding import same_but_for_rounding

Product = Callable[[Any, Tensor], Tensor]

# Which product is the fastest changes with the number of tokens: up to each of these, and beyond,
# the one that was fastest with the other number is taken.
_TRIED_TOKENS = {5: 3, 8: 8, 24: 16, 96: 64}
_MANY_TOKENS = 128
# It is tried on more numbers than a processor's cache holds.
_TRIED_NUMBERS = 12_000_000
_TRIES = 3
# What is gained must be more than chance: another product must take less than this share.
_GAIN = 0.95


class Products:
    """The float32 linear layers of a model, and what multiplies them fastest here.

    `fastest` has the product by the number of tokens that it was tried with, `None` where the
    layers' own is as fast.
    """

    def __init__(self, model: nn.Module, share: float = _GAIN) -> None:
        """Find the layers and try; all are left alone on other devices than a CPU.

        Another product than the usual one must take less than this share of its time. Usual is the
        layers' own, and few tokens' that of blocks, where there are some.
        """
        self._layers = [
            module
            for module in model.modules()
            if isinstance(module, BlockLinear) or is_float32_on_cpu(module)
        ]
        self.fastest: dict[int, Product | None] = {}
        if not self._layers:
            return
        products = [_own, _turned, *([_by_onednn] if _onednn_agrees(self._layers[0]) else [])]
        in_blocks = any(hasattr(layer, "blocks") for layer in self._layers)
        for tokens in (*_TRIED_TOKENS.values(), _MANY_TOKENS):
            by_blocks = in_blocks and tokens < _MANY_TOKENS
            usual = _by_blocks if by_blocks else _own
            tried = [*products, _by_blocks] if by_blocks else products
            seconds = _seconds(tried, self._layers, tokens)
            bound = share * seconds.pop(usual)
            best = min(seconds, key=seconds.__getitem__)
            taken = best if seconds[best] < bound else usual
            self.fastest[tokens] = None if taken is _own else taken

    @property
    def method(self) -> str:
        """What decodes, and by which products, in a few words."""
        used = [name for product, name in _NAMES.items() if product in self.fastest.values()]
        return ", ".join(["loop", *used])

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Let the layers multiply the fastest way within the block."""
        if not any(self.fastest.values()) or "forward" in self._layers[0].__dict__:
            yield
            return
        try:
            for layer in self._layers:
                # It stands before its class's.
                layer.__dict__["forward"] = partial(self._multiply, layer)
            yield
        finally:
            for layer in self._layers:
                layer.__dict__.pop("forward", None)

    def _multiply(self, layer: Any, states: Tensor) -> Tensor:
        tokens = states.numel() // states.shape[-1]
        few = (tried for most, tried in _TRIED_TOKENS.items() if tokens <= most)
        product = self.fastest.get(next(few, _MANY_TOKENS)) or _own
        return product(layer, states)


def _own(layer: Any, states: Tensor) -> Tensor:
    product: Tensor = type(layer).forward(layer, states)
    return product


def _weight(layer: Any) -> Tensor:
    """Return a layer's weights, out x in, until another layer's are asked for."""
    weight: Tensor = layer.shared_weight() if hasattr(layer, "shared_weight") else layer.weight
    return weight


def _turned(layer: Any, states: Tensor) -> Tensor:
    """Return what the layer gives for states, ... x width, by another order of operands."""
    flat = states.reshape(-1, states.shape[-1])
    # For one column alone MKL takes another product, at half of the speed.
    columns = flat if len(flat) > 1 else flat.repeat(2, 1)
    product = torch.mm(_weight(layer), columns.t()).t()[: len(flat)].contiguous()
    if layer.bias is not None:
        product += layer.bias
    return product.view(*states.shape[:-1], -1)


def _by_onednn(layer: Any, states: Tensor) -> Tensor:
    """Return what the layer gives for states, ... x width, by oneDNN in place of MKL."""
    try:
        product: Tensor = torch.ops.mkldnn._linear_pointwise(
            states, _weight(layer), layer.bias, "none", [], ""
        )
    except RuntimeError:  # it says no more than that it could not: for want of memory, or of shape
        product = _own(layer, states)
    return product


def _by_blocks(layer: Any, states: Tensor) -> Tensor:
    """Return what the layer gives for states, ... x width, from its weights in blocks."""
    if not hasattr(layer, "blocks"):
        return _own(layer, states)
    product = multiply(layer.blocks, states.reshape(-1, states.shape[-1]))
    if layer.bias is not None:
        product += layer.bias
    return product.view(*states.shape[:-1], -1)


def _onednn_agrees(layer: Any) -> bool:
    """Return whether PyTorch has oneDNN's product, and it is its own but for rounding."""
    states = torch.linspace(-1, 1, 3 * layer.in_features).view(3, -1)
    try:
        with torch.inference_mode():
            own, given = layer(states), _by_onednn(layer, states)
    except AttributeError:  # of a build without it
        return False
    return same_but_for_rounding(own, given)


_NAMES: dict[Product, str] = {
    _turned: "products turned",
    _by_onednn: "products by oneDNN",
    _by_blocks: "products of blocks",
}


def _seconds(
    products: Sequence[Product], layers: Sequence[Any], tokens: int
) -> dict[Product, float]:
    """Return how long each product of so many tokens takes, of some layers."""
    tried, numbers = [], 0
    for layer in layers:
        tried.append((layer, torch.ones(tokens, layer.in_features)))
        numbers += layer.in_features * layer.out_features
        if numbers > _TRIED_NUMBERS:
            break

    def seconds(product: Product) -> float:
        start = time.perf_counter()
        for layer, states in tried:
            product(layer, states)
        return time.perf_counter() - start

    with torch.inference_mode():
        rounds = [[seconds(product) for product in products] for _ in range(_TRIES)]
    least = (min(times) for times in zip(*rounds, strict=True))
    return dict(zip(products, least, strict=True))
