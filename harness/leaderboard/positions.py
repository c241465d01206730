"""Where names stand in a list, without the names."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

ABSENT = -1


class Positions:
    """The places of some names, found by 8 bytes of each; a later one of two that are alike counts.

    Of 300,000 names two are taken for one once in 400 million times.

    >>> Positions(["a", "b", "c"]).of(["c", "x", "a"]).tolist()
    [2, -1, 0]
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names in; none is kept."""
        hashes = _hashes(names)
        self._order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._order]

    def __len__(self) -> int:
        return len(self._hashes)

    def of(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Return the place of each name, (names,); `ABSENT` for those that are none of these."""
        return self.of_hashes(_hashes(names))

    def of_hashes(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the same of names by their `hash`, (names,)."""
        if not len(self):
            return np.full(len(hashes), ABSENT)
        nearest = np.searchsorted(self._hashes, hashes, side="right") - 1
        known = self._hashes[nearest] == hashes
        return np.where(known, self._order[nearest], ABSENT)


def _hashes(names: Iterable[str]) -> NDArray[np.int64]:
    return np.fromiter(map(hash, names), np.int64)  # of one process alone
