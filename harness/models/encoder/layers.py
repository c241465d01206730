"""A network's first layers alone, as bert_score takes them: later ones are not computed.

The output of what is left is that of the network with so many layers, a last normalization
included where the network has one.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from harness.errors import ModelError

# Where a network keeps its layers, by the names of modules: BERT and its kin, DistilBERT, the
# encoder of BART, XLNet.
_PLACES = ("encoder.layer", "transformer.layer", "layers", "layer")


def encoder_of(network: Any) -> Any:
    """Return the network, or its encoder where it has a decoder too."""
    both = hasattr(network, "encoder") and hasattr(network, "decoder")
    return network.encoder if both else network


@contextlib.contextmanager
def first_layers(encoder: Any, count: int, label: str) -> Iterator[None]:
    """Within the block the encoder has its first `count` layers alone.

    Raises ModelError if it has fewer, and for a network whose layers are in no place known here.
    """
    owner, name = _place(encoder, label)
    layers = getattr(owner, name)
    available = layers if isinstance(layers, int) else len(layers)
    if count > available:
        raise ModelError(f"{label}: has {available} layers; layer {count} is none of them")
    setattr(owner, name, count if isinstance(layers, int) else layers[:count])
    try:
        yield
    finally:
        setattr(owner, name, layers)


def _place(encoder: Any, label: str) -> tuple[Any, str]:
    """Return what has the layers as an attribute, and its name; ALBERT has one and a number."""
    if hasattr(getattr(encoder, "encoder", None), "albert_layer_groups"):
        return encoder.encoder.config, "num_hidden_layers"
    for place in _PLACES:
        *path, name = place.split(".")
        owner = encoder
        for part in path:
            owner = getattr(owner, part, None)
        if hasattr(owner, name):
            return owner, name
    raise ModelError(
        f"{label}: where its layers are is not known here; take an encoder such as BERT, RoBERTa, "
        "DistilBERT, ALBERT or BART"
    )
