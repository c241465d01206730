"""The predictions of one system, kept on the disk: they come in any order and are read by place."""

import sqlite3
import weakref
from collections.abc import Iterator, Mapping

from harness.records import Prediction

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE predictions (
    place INTEGER PRIMARY KEY,   -- that of its references
    text TEXT NOT NULL,
    probability REAL,            -- of there being no answer
    file_place INTEGER           -- where that stands in its file
);
"""
_MISSING = Prediction("", missing=True)


class SystemPredictions:
    """What a system said of each of `size` sets of references, by their places.

    `present` counts the predictions that there are, `empty` those without a text in them.
    """

    def __init__(self, size: int) -> None:
        """Begin with none."""
        self._size = size
        self.present = self.empty = 0
        self._last_place, self._in_order = -1, True
        # A temporary file that goes with the connection, which whatever thread collects it closes.
        self._db = sqlite3.connect("", check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._db.executescript(_SCHEMA)

    def __len__(self) -> int:
        return self._size

    def add(self, place: int, text: str, probability: float | None) -> None:
        """Take the prediction of a place, in the order of the file."""
        row = (place, text, probability, self.present)
        self._db.execute("INSERT INTO predictions VALUES (?, ?, ?, ?)", row)
        self.present += 1
        self.empty += not text
        self._in_order = self._in_order and place > self._last_place
        self._last_place = place

    def set_probabilities(self, probabilities: Mapping[int, float]) -> None:
        """Take the probabilities by place, in the order of their file, in the place of all others.

        Of what is missing they are let go.
        """
        self._db.execute("UPDATE predictions SET probability = NULL")
        self._db.executemany(
            "UPDATE predictions SET probability = ?, file_place = ? WHERE place = ?",
            (
                (probability, file_place, place)
                for file_place, (place, probability) in enumerate(probabilities.items())
            ),
        )
        self._in_order = sorted(probabilities) == list(probabilities)

    @property
    def with_probability(self) -> int:
        """How many predictions have a probability."""
        query = "SELECT count(probability) FROM predictions"
        return int(self._db.execute(query).fetchone()[0])

    def read(self, start: int = 0) -> Iterator[Prediction]:
        """Yield one prediction for each place from the one given on, in order."""
        query = "SELECT * FROM predictions WHERE place >= ? ORDER BY place"
        expected = start
        for place, text, probability, file_place in self._db.execute(query, (start,)):
            for _ in range(expected, place):
                yield _MISSING
            expected = place + 1
            yield Prediction(
                text,
                text,
                no_answer_probability=probability,
                probability_place=None if self._in_order or probability is None else file_place,
            )
        for _ in range(expected, self._size):
            yield _MISSING
