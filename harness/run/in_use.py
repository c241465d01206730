"""Whether a process has a store open: SQLite's own lock says so, and goes with the process."""

import contextlib
import fcntl
import os
import struct
import sys
from pathlib import Path

from harness.errors import UsageError

# Each connection to a store that is written ahead shares a lock on this byte of the file "-shm":
# the "dead man switch" of SQLite's os_unix.c, UNIX_SHM_DMS.
_LOCKED_BYTE = 128
# A `struct flock` as fcntl takes it: kind, whence, start, length, process.
_IS_DARWIN = sys.platform == "darwin"
_LAYOUT = "qqihh" if _IS_DARWIN else "hhqqi"


def refuse_in_use(store: Path) -> None:
    """Raise UsageError for a store that another process has open; nothing is written."""
    shared = store.with_name(f"{store.name}-shm")
    with contextlib.suppress(FileNotFoundError):
        file = os.open(shared, os.O_RDONLY)
        try:
            if _is_locked(file):
                raise UsageError(
                    f"{store.parent}: its store is in use: something is still being predicted "
                    "there; wait until that has ended, or stop it"
                )
        finally:
            os.close(file)


def _is_locked(file: int) -> bool:
    if _IS_DARWIN:
        asked = struct.pack(_LAYOUT, _LOCKED_BYTE, 1, 0, fcntl.F_WRLCK, os.SEEK_SET)
        kind = struct.unpack(_LAYOUT, fcntl.fcntl(file, fcntl.F_GETLK, asked))[3]
    else:
        asked = struct.pack(_LAYOUT, fcntl.F_WRLCK, os.SEEK_SET, _LOCKED_BYTE, 1, 0)
        kind = struct.unpack(_LAYOUT, fcntl.fcntl(file, fcntl.F_GETLK, asked))[0]
    return bool(kind != fcntl.F_UNLCK)
