"""Clusters by number instead of by name, in the order of their names."""

import sqlite3
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError
from harness.leaderboard.positions import Positions

if TYPE_CHECKING:
    from array import array

_TAKEN_AT_ONCE = 4096
_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE names (name BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class ClusterNumbers:
    """Takes the cluster of one example after the other, and numbers all that it was given.

    The names lie in a temporary file, sorted as Python sorts them; in memory is a number of 8 bytes
    for each example. Raises StoreError where the file cannot be written.
    """

    def __init__(self) -> None:
        """Begin without a cluster."""
        self._new: set[str] = set()
        self._positions: Positions | None = None
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._db.executescript(_SCHEMA)

    def add(self, name: str) -> int:
        """Take in the cluster of an example; return what its number is asked by."""
        self._new.add(name)
        if len(self._new) >= _TAKEN_AT_ONCE:
            self._keep()
        self._positions = None
        return hash(name)  # of one process alone

    def of(self, hashes: "array[int]") -> NDArray[np.int64]:
        """Return the number of each example's cluster, by what `add` returned of it.

        Numbers are the same until another cluster is taken in.
        """
        if self._positions is None:
            self._keep()
            self._positions = Positions(self._names())
        return self._positions.of_hashes(np.frombuffer(hashes, np.int64))

    def _names(self) -> Iterator[str]:
        # UTF-8 has the order of the characters' numbers, as Python's texts have.
        for (name,) in self._db.execute("SELECT name FROM names ORDER BY name"):
            yield name.decode("utf-8", "surrogatepass")

    def _keep(self) -> None:
        rows = [(name.encode("utf-8", "surrogatepass"),) for name in sorted(self._new)]
        try:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO names VALUES (?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(
                f"the names of clusters cannot be kept in a temporary file ({error}); name a "
                "folder with more room in SQLITE_TMPDIR"
            ) from None
        self._new.clear()
