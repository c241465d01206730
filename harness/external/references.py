"""The references of a set, kept on the disk while systems are scored against them.

Texts lie in a temporary database, so that memory does not grow with the set and predictions may
come in any order.
"""

import hashlib
import json
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import DataError, StoreError
from harness.external.formats import Format
from harness.external.outputs import FieldNames, read_references
from harness.files import canonical_json
from harness.records import TASKS, Task

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE sets (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    spot TEXT NOT NULL,          -- where it stands in the file
    texts TEXT NOT NULL          -- JSON
);
"""


class References:
    """The references of one file, by their ids and places (from 0). Use it in a `with` block.

    `answerable` has a 1 at the place of each set that is not empty; `has_ids` says whether the file
    has ids. Without ids the place, counted from 1, is the id. `task` is what they look like:
    answers under such a name or in SQuAD's data set, else summaries; `version` is that of SQuAD's
    data set. `hash` is over ids and texts in order, whatever the format.
    """

    def __init__(self, path: Path, file_format: Format, fields: FieldNames) -> None:
        """Read the file; raise DataError for a bad one, an id given twice, or no references."""
        self.path = path
        self.answerable = bytearray()
        self.has_ids = False
        self.task: Task = TASKS[0]
        self.version: str | None = None
        digest = hashlib.sha256()
        # A temporary file that goes with the connection, which whatever thread collects it closes.
        self._db = sqlite3.connect("", check_same_thread=False)
        weakref.finalize(self, self._db.close)  # of a bad file too, which no `with` block gets
        try:
            self._db.executescript(_SCHEMA)
            for reference_set in read_references(path, file_format, fields):
                if not self.answerable:
                    self.has_ids = reference_set.id is not None
                    self.version = reference_set.version if file_format == "json" else None
                    if reference_set.field.rstrip("s") == "answer":
                        self.task = "answer"
                name = reference_set.id if reference_set.id is not None else str(len(self) + 1)
                self._add(name, reference_set.where, reference_set.texts)
                digest.update(canonical_json([name, reference_set.texts]).encode() + b"\n")
        except sqlite3.Error as error:
            raise StoreError(f"{path}: its texts cannot be kept on the disk ({error})") from None
        if not self.answerable:
            raise DataError(f"{path}: there are no references in it")
        self.hash = digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def __len__(self) -> int:
        return len(self.answerable)

    def find(self, name: str) -> int | None:
        """Return the place of an id, `None` if the file has no such id."""
        row = self._db.execute("SELECT place FROM sets WHERE id = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def texts(self, place: int) -> tuple[str, ...]:
        """Return the references at a place."""
        row = self._db.execute("SELECT texts FROM sets WHERE place = ?", (place,)).fetchone()
        return tuple(json.loads(row[0]))

    def all_texts(self) -> Iterator[tuple[str, ...]]:
        """Yield the references of each set, in order."""
        for (texts,) in self._db.execute("SELECT texts FROM sets ORDER BY place"):
            yield tuple(json.loads(texts))

    def ids(self) -> Iterator[str]:
        """Yield the ids in order."""
        for (name,) in self._db.execute("SELECT id FROM sets ORDER BY place"):
            yield name

    def first_unanswerable(self) -> str | None:
        """Return where the first empty set stands in the file, `None` if there is none."""
        place = self.answerable.find(0)
        if place < 0:
            return None
        query = "SELECT spot FROM sets WHERE place = ?"
        return str(self._db.execute(query, (place,)).fetchone()[0])

    def _add(self, name: str, where: str, texts: tuple[str, ...]) -> None:
        try:
            row = (len(self), name, where, json.dumps(texts))
            self._db.execute("INSERT INTO sets VALUES (?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            query = "SELECT spot FROM sets WHERE id = ?"
            first = self._db.execute(query, (name,)).fetchone()[0]
            raise DataError(f"{where}: the id {name!r} is given twice, first at {first}") from None
        self.answerable.append(bool(texts))
