"""What SQLite says of a store of predictions, in words that keep what it holds."""

import sqlite3
from pathlib import Path

from harness.encoding import IS_LFS_POINTER, is_lfs_pointer
from harness.errors import StoreError

_AGAIN = "what was predicted is kept, so run again"
_ADVICE = {
    sqlite3.SQLITE_FULL: f"the disk is full; free some space: {_AGAIN}",
    sqlite3.SQLITE_BUSY: f"another process writes to it; wait until that has finished: {_AGAIN}",
    sqlite3.SQLITE_LOCKED: f"another process writes to it; wait until that has finished: {_AGAIN}",
    sqlite3.SQLITE_IOERR: f"the disk fails to read or write it; see to the disk: {_AGAIN}",
    sqlite3.SQLITE_NOMEM: f"memory ran out; {_AGAIN} with more",
    sqlite3.SQLITE_READONLY: "it may not be written; make it writable, or choose another --out",
    sqlite3.SQLITE_PERM: "it may not be opened; see to its permissions, or choose another --out",
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened; see to the permissions of it and its folder, or choose another --out"
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the disk has damaged it; put a copy in its place, or move it away: then what it held is "
        "predicted again (`sqlite3 FILE .recover` reads what is whole)"
    ),
    sqlite3.SQLITE_NOTADB: "it is no store; move it away or choose another --out",
}


def store_failure(path: Path, error: Exception) -> StoreError:
    """Return the error that says what is wrong with the store, and what keeps the predictions."""
    if path.exists() and not path.is_file():
        told = "is a folder, a pipe or a device; move it away, or choose another --out"
        return StoreError(f"{path}: the store of predictions: {told}")
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & 0xFF) if code is not None else None  # the rest says more exactly
    advice = advice or "it cannot be used; choose another --out"
    if code == sqlite3.SQLITE_NOTADB and is_lfs_pointer(path):
        return StoreError(f"{path}: {IS_LFS_POINTER}")
    return StoreError(f"{path}: the store of predictions: {advice} ({error})")
