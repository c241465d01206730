"""The roster key `quantization`: weights in fewer bits, made on loading.

    quantization = "int8"          torchao: 8-bit weights, on cpu and cuda
    quantization = "nf4"           bitsandbytes: 4-bit weights, on cuda

Only the linear layers are quantized, embeddings and the output layer are as transformers' own
quantizers leave them. A quantized model is another model: the method and the version of its
package are part of its identity.
"""

from collections.abc import Mapping
from typing import Any, Literal

from harness.environment import package_versions
from harness.errors import ModelError
from harness.models.checkpoint.weights import Weights
from harness.requirements import Missing, missing_packages

Quantization = Literal["int8", "nf4"]

_PACKAGES: dict[Quantization, str] = {"int8": "torchao", "nf4": "bitsandbytes"}
_DEVICES: dict[Quantization, tuple[str, ...]] = {"int8": ("cpu", "cuda"), "nf4": ("cuda",)}


def missing_quantizer(method: Quantization | None) -> Missing:
    """Return what a method needs that is not installed."""
    return missing_packages(_PACKAGES[method], "accelerate") if method else Missing()


def quantization_identity(
    method: Quantization, weights: Weights, device: str
) -> Mapping[str, object]:
    """Return the method with its package's version; `device` is torch's name.

    Raises ModelError if the device is none that the method is made for, or the weights are
    quantized already.
    """
    label = weights.label
    if weights.is_gguf:
        raise ModelError(
            f"{label}: a GGUF file is quantized already; remove `quantization`, or name the "
            "checkpoint that the file was made from"
        )
    if device not in _DEVICES[method]:
        others = [other for other, devices in _DEVICES.items() if device in devices]
        instead = f"; on {device} there is {', '.join(others)}" if others else ""
        raise ModelError(
            f"{label}: quantization {method} runs on {' and '.join(_DEVICES[method])}, not on "
            f"{device}{instead}"
        )
    return {"method": method, **package_versions((_PACKAGES[method],))}


def quantization_options(method: Quantization, dtype: Any, device: str) -> dict[str, Any]:
    """Return the options with which `from_pretrained` quantizes and places a model."""
    if method == "int8":
        from torchao.quantization import Int8WeightOnlyConfig
        from transformers import TorchAoConfig

        return {
            "quantization_config": TorchAoConfig(Int8WeightOnlyConfig()),
            "device_map": {"": device},
        }
    from transformers import BitsAndBytesConfig

    return {
        "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
        ),
        "device_map": {"": device},
    }
