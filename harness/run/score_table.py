"""The scores of many predictions: in memory while they are few, else in a file that has no name."""

import math
import struct
import weakref
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError

# So many bytes are held in memory, of each table, and read at once.
_IN_MEMORY = 2**20
_BLOCK_ROWS = 4096


class ScoreTable:
    """Scores by metric, a row for each prediction; rows are written in their order, once each.

    What is passed over has `lacking`, which says what stands for no score by each metric. The file
    lies where TMPDIR says, and goes with the table. Raises StoreError where it cannot be written.
    """

    def __init__(self, lacking: Mapping[str, float]) -> None:
        """Begin with no row."""
        self._lacking = dict(lacking)
        self._row = struct.Struct(f"={len(self._lacking)}d")
        self._nothing = self._row.pack(*self._lacking.values())
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  by what follows
        weakref.finalize(self, self._file.close)
        self._rows = 0

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self._rows

    def put(self, place: int, scores: Mapping[str, float]) -> None:
        """Write the row of a place, which is none before the last."""
        values = [scores.get(name, value) for name, value in self._lacking.items()]
        self.extend(place)
        self._write(self._row.pack(*values))
        self._rows += 1

    def extend(self, length: int) -> None:
        """Write rows without scores until there are so many."""
        while self._rows < length:
            count = min(length - self._rows, _BLOCK_ROWS)
            self._write(self._nothing * count)
            self._rows += count

    def row(self, place: int) -> dict[str, float]:
        """Return the scores of a place, those that are not a number left out."""
        values = self._row.unpack(self._read(place, 1))
        return {
            name: value
            for name, value in zip(self._lacking, values, strict=True)
            if not math.isnan(value)
        }

    def column(self, metric: str) -> NDArray[np.float64]:
        """Return the scores by one metric, (rows,); a new array each time."""
        index, width = [*self._lacking].index(metric), len(self._lacking)
        values = np.empty(self._rows)
        for start in range(0, self._rows, _BLOCK_ROWS):
            count = min(_BLOCK_ROWS, self._rows - start)
            block = np.frombuffer(self._read(start, count)).reshape(count, width)
            values[start : start + count] = block[:, index]
        return values

    def _write(self, content: bytes) -> None:
        try:
            self._file.seek(0, 2)
            self._file.write(content)
        except OSError as error:
            raise StoreError(
                f"the scores cannot be kept in a temporary file ({error.strerror}); name a folder "
                "with more room in TMPDIR"
            ) from None

    def _read(self, start: int, count: int) -> bytes:
        self._file.seek(start * self._row.size)
        return self._file.read(count * self._row.size)
