"""What memory is left, and how it is given back."""

import ctypes
import gc
from pathlib import Path


def free_memory(device: str) -> int | None:
    """Return how many bytes a device has left, `None` where nothing tells."""
    import torch

    if device.startswith("cuda"):
        free: int = torch.cuda.mem_get_info()[0]
        return free
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return sizes[0] if sizes and device == "cpu" else None


def release_memory() -> None:
    """Give the attempt's memory back, to the GPU too."""
    import torch

    gc.collect()
    trim_memory()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def trim_memory() -> None:
    """Give the system what was freed, which glibc keeps where smaller pieces lie between."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (AttributeError, OSError):  # another libc
        return
