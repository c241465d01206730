"""How tasks are compiled, and where what was made is kept.

A task is what one thread runs until no work is left. It is compiled when its file is imported, and
kept on the disk where Numba can write: beside that file, else in the user's cache, or where
NUMBA_CACHE_DIR says. Numba makes it anew when that file has changed, and looks at no other file; so
the name under which it is kept says what is in the files of its room, and of this one.
"""

import hashlib
from pathlib import Path
from typing import Any

from numba import cfunc, types


def compiled_task(function: Any) -> Any:
    """Compile a task, which takes the address of what it is told; it has an `address`."""
    signature = types.void(types.voidptr)
    function.__qualname__ += f"-{_sources(Path(function.__code__.co_filename).parent)}"
    try:
        return cfunc(signature, cache=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        return cfunc(signature, error_model="numpy")(function)


def _sources(room: Path) -> str:
    """Return a hash of the files that a task of this room may be compiled from."""
    files = sorted({*room.glob("*.py"), *Path(__file__).parent.glob("*.py")})
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
