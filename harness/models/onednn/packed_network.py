"""An encoder's linear layers by oneDNN, its activations with them.

A network takes 0.86 of its time by MKL so, in float32 on two cores of an AMD EPYC.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import GELUActivation

from harness.models.onednn.packed_linear import PackedLinear, can_pack, is_float32_on_cpu
from harness.models.onednn.rounding import same_but_for_rounding

# Where GELU follows a linear layer, by the names of both in the module that has them: BERT and its
# kin, DistilBERT, ALBERT, BART.
_FOLLOWED_BY = {
    "dense": "intermediate_act_fn",
    "lin1": "activation",
    "ffn": "activation",
    "fc1": "activation_fn",
}
# The tokens on which both are tried.
_TRIED_IDS = ((1, 2, 3, 4, 5, 6, 7, 8), (8, 7, 6, 5, 4, 3, 2, 1))


def pack_network(network: Any) -> bool:
    """Let oneDNN compute the linear layers of a network that has float32 weights on the CPU.

    Their own weights are let go. Returns whether it does: it is tried on a few tokens, and the
    network stays as it is where what comes first out of it is not the same but for rounding.
    """
    if not can_pack(torch.float32):
        return False
    with torch.inference_mode():
        own = _first_output(network)
    if own is None:
        return False
    undo = pack_layers(network, torch.float32)
    with torch.inference_mode():
        packed = _first_output(network) if undo else None
    if packed is None or not same_but_for_rounding(own, packed):
        _put_back(undo)
        return False
    return True


def pack_layers(
    network: nn.Module,
    dtype: torch.dtype,
    keep: nn.Module | None = None,
    *,
    activations: bool = True,
) -> list[Callable[[], None]]:
    """Replace float32 linear layers, but for `keep`; return what puts each back.

    With `activations`, what follows a layer is computed with it, where that is GELU. A layer whose
    weights another one has too, as an embedding does, stays what it is. Of a network with a layer
    that oneDNN does not take all stay, and nothing is returned.
    """
    owners = Counter(
        id(parameter) for _, parameter in network.named_parameters(remove_duplicate=False)
    )
    undo: list[Callable[[], None]] = []
    for module in list(network.modules()):
        for name, layer in list(module.named_children()):
            if layer is keep or not is_float32_on_cpu(layer) or owners[id(layer.weight)] > 1:
                continue
            activation = _FOLLOWED_BY.get(name, "")
            gelu = activations and _is_gelu(getattr(module, activation, None))
            try:
                packed = PackedLinear(layer, dtype, gelu=gelu)
            except RuntimeError:  # it says no more than that it could not
                _put_back(undo)
                return []
            setattr(module, name, packed)
            undo.append(partial(_unpack, module, name))
            if gelu:
                undo.append(partial(setattr, module, activation, getattr(module, activation)))
                setattr(module, activation, nn.Identity())
    return undo


def _unpack(module: nn.Module, name: str) -> None:
    setattr(module, name, getattr(module, name).unpacked())


def _put_back(undo: Sequence[Callable[[], None]]) -> None:
    for put_back in undo:
        put_back()


def _is_gelu(activation: Any) -> bool:
    if isinstance(activation, GELUActivation):
        return activation.act is nn.functional.gelu
    return isinstance(activation, nn.GELU) and activation.approximate == "none"


def _first_output(network: Any) -> Tensor | None:
    """Return what comes first out of a network for a few tokens, `None` where nothing does."""
    try:
        output: Tensor = network(input_ids=torch.tensor(_TRIED_IDS, device=network.device))[0]
    except Exception:  # of whatever kind: it wants more than tokens, or oneDNN could not
        return None
    return output if isinstance(output, Tensor) and output.isfinite().all() else None
