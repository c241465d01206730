"""How long single predictions took, by their keys: 16 bytes of each, of tens of thousands."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable

import numpy as np


class PredictionSeconds:
    """The seconds of predictions, found by 8 bytes of a hash of their keys.

    >>> known = PredictionSeconds([("a", 0.5), ("b", 1.5)])
    >>> known.of("b"), known.of("c")
    (1.5, None)
    """

    def __init__(self, stored: Iterable[tuple[str, float]] = ()) -> None:
        """Take keys with their seconds; of one that is given twice the later counts."""
        hashes, seconds = array("q"), array("d")
        for key, value in stored:
            hashes.append(hash(key))  # of one process alone
            seconds.append(value)
        order = np.argsort(np.frombuffer(hashes, np.int64), kind="stable")
        self._hashes = array("q", np.frombuffer(hashes, np.int64)[order].tobytes())
        self._seconds = array("d", np.frombuffer(seconds)[order].tobytes())

    def of(self, key: str) -> float | None:
        """Return the seconds of a prediction, `None` where they are not known."""
        place = bisect_right(self._hashes, hash(key)) - 1
        return self._seconds[place] if place >= 0 and self._hashes[place] == hash(key) else None
