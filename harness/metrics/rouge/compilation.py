"""How functions are compiled, and where what was made is kept.

A function is compiled when it is first called, and kept on the disk where Numba can write: beside
its file, else in the user's cache, or where NUMBA_CACHE_DIR says. Numba makes it anew when its
file has changed, and looks at no other file: a compiled function calls none of another file.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function at its first use, and keep what was made."""
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        made = njit(nogil=True)(function)
    return cast("Function", made)
