"""Compiled tasks on the threads that PyTorch computes on.

Threads of one's own beside these would wait for the same processors: those of OpenMP go on for a
while after their work, to be there for the next.
"""

import ctypes
import functools
from pathlib import Path

import torch


def run_on_threads(task: int, record: int) -> None:
    """Run a compiled task, which takes a pointer, on each thread of PyTorch; both are addresses.

    Where PyTorch's OpenMP is not GNU's, on this thread alone.
    """
    parallel = _gnu_parallel()
    if parallel is None:
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(task)(record)
    else:
        parallel(task, record, torch.get_num_threads(), 0)


def has_threads() -> bool:
    """Return whether tasks run on as many threads as PyTorch computes on."""
    return _gnu_parallel() is not None or torch.get_num_threads() == 1


@functools.cache
def _gnu_parallel() -> "ctypes._FuncPointer | None":
    """Return what GCC calls for `#pragma omp parallel`, of the library that PyTorch has loaded."""
    try:
        mapped = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        paths = [line.split(maxsplit=5)[-1] for line in mapped if "/libgomp" in line]
        parallel = ctypes.CDLL(paths[0]).GOMP_parallel
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    parallel.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
    parallel.restype = None
    return parallel
