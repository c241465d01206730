"""A linear layer whose weights are laid out once, with the activation that follows it.

`torch.nn.functional.linear` copies the bias into the result first, and an activation goes over the
result once more; by oneDNN it lays the weights out at every call. The operator beneath it does all
of this while the result is in the processor's cache.
"""

from typing import Any

import torch
from torch import Tensor, nn


class PackedLinear(nn.Module):  # type: ignore[misc] # torch has no types here
    """What `nn.Linear` is, its weights in oneDNN's own order and in a number format of its own."""

    def __init__(self, layer: nn.Linear, dtype: torch.dtype, *, gelu: bool = False) -> None:
        """Take a layer's weights; `gelu` is what follows it: exact, not by tanh.

        Raises RuntimeError or AttributeError where `can_pack` says that it cannot.
        """
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach().to(dtype))
        self.weight = nn.Parameter(weight, requires_grad=False)
        bias = None if layer.bias is None else layer.bias.detach().to(dtype)
        self.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)
        self._dtype = dtype
        self._activation, self._algorithm = ("gelu", "none") if gelu else ("none", "")

    def forward(self, states: Tensor) -> Tensor:
        """Return what layer and activation give for states, ... x in."""
        product: Tensor = torch.ops.mkldnn._linear_pointwise(
            states.to(self._dtype), self.weight, self.bias, self._activation, [], self._algorithm
        )
        return product

    def unpacked(self) -> nn.Linear:
        """Return a layer with the same weights, in the order of PyTorch."""
        layer = nn.Linear(self.in_features, self.out_features, self.bias is not None, device="meta")
        layer.weight = nn.Parameter(self.weight.to_dense(), requires_grad=False)
        layer.bias = self.bias
        return layer


def has_packed_layers(network: nn.Module) -> bool:
    """Return whether any layer of a network is packed."""
    return any(isinstance(module, PackedLinear) for module in network.modules())


def can_pack(dtype: torch.dtype) -> bool:
    """Return whether this PyTorch has oneDNN's product of this number format, for this CPU."""
    if not torch.backends.mkldnn.is_available():
        return False
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    return dtype == torch.float32 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def is_float32_on_cpu(module: Any) -> bool:
    """Return whether a module is a linear layer with plain float32 weights on the CPU."""
    return (
        type(module) is nn.Linear
        and type(module.weight) is nn.Parameter
        and module.weight.dtype == torch.float32
        and module.weight.device.type == "cpu"
        and "forward" not in module.__dict__
    )
