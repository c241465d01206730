"""The roster key `device`: what a network computes on."""

from typing import Literal

from harness.errors import ModelError

Device = Literal["cpu", "cuda", "mps", "auto"]


def resolve_device(device: Device) -> str:
    """Return the device's torch name; `auto` takes the best there is.

    Raises ModelError for a device that this machine, or its torch, does not have.
    """
    if device == "cpu":
        return device
    import torch

    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return next(name for name, there in available.items() if there)
    if not available[device]:
        raise ModelError(
            f"the device {device} is not available here (torch {torch.__version__}); choose "
            f'device = "{next(name for name, there in available.items() if there)}" or "auto"'
        )
    return device
