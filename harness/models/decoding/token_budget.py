"""How much goes through a model together: a number of tokens, halved when memory runs out."""

import ctypes
import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# What allocators say; torch has a class of its own for CUDA alone.
_OUT_OF_MEMORY_MESSAGES = ("can't allocate memory", "not enough memory", "out of memory")


class TokenBudget:
    """The most tokens of a batch: as many as given, until memory does not hold them."""

    def __init__(self, tokens: int) -> None:
        """Start with so many tokens, of whatever the cost of a batch counts."""
        self.tokens = tokens

    def run_batches(
        self,
        work: Callable[[Sequence[Item]], list[Result]],
        items: Sequence[Item],
        cost: Callable[[Sequence[Item]], int],
    ) -> list[Result]:
        """Return what `work` makes of the items, in order, in batches that fit.

        `cost` is a batch's tokens, and grows with each item. A batch that memory does not hold is
        halved, and so are those after it; nothing is lost. Raises what `work` raised where a
        single item does not fit, and whatever else it raises.
        """
        results: list[Result] = []
        while len(results) < len(items):
            rest = items[len(results) :]
            count = self._count_that_fits(rest, cost)
            batch = _try(work, rest[:count])
            if batch is None:  # only here does nothing hold the attempt's tensors any more
                release_memory()
                self.tokens = cost(rest[: count // 2])
            else:
                results += batch
        return results

    def _count_that_fits(self, items: Sequence[Item], cost: Callable[[Sequence[Item]], int]) -> int:
        """Return how many of the first items fit, at least one."""
        count = 1
        while count < len(items) and cost(items[: count + 1]) <= self.tokens:
            count += 1
        return count


def _try(
    work: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item]
) -> list[Result] | None:
    try:
        return work(items)
    except (MemoryError, RuntimeError) as error:
        if len(items) < 2 or not out_of_memory(error):
            raise
    return None


def out_of_memory(error: Exception) -> bool:
    """Return whether an error says that there is no memory left: on a CPU or a GPU.

    >>> out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."))
    True
    >>> out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    False
    """
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(
        message in text for message in _OUT_OF_MEMORY_MESSAGES
    )


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
