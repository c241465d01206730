"""The durable store of predictions: one SQLite file, one transaction a batch.

A prediction is kept under a key that holds all that can change it, so another model never gets
this one's answer, and the same question is never asked twice. Written ahead and flushed at
every commit: what a batch stored survives kill -9 and a lost power line. Each has a checksum: one
that the disk has changed since is as good as not there, and is told of.
"""

import json
import re
import sqlite3
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from harness.errors import StoreError
from harness.files import canonical_json, make_folder, sha256
from harness.progress import warn
from harness.records import Prediction
from harness.run.store_failure import store_failure

STORE_VERSION = 2  # 1 had no checksums
# Seconds to wait for another process that writes.
_LOCK_TIMEOUT = 60.0
_ASKED_AT_ONCE = 500  # keys: SQLite takes 999 at least
# Fields that predictions no longer have are left out; those they did not have are as by default.
_PREDICTION = TypeAdapter(Prediction)
_SCHEMA = """
CREATE TABLE facts (
    sha256 TEXT PRIMARY KEY,     -- of `json`
    json TEXT NOT NULL           -- an identity or an environment
) WITHOUT ROWID;
CREATE TABLE predictions (
    key TEXT PRIMARY KEY,
    identity TEXT NOT NULL REFERENCES facts (sha256),
    environment TEXT NOT NULL REFERENCES facts (sha256),
    prediction TEXT NOT NULL,    -- JSON
    checksum TEXT                -- over the four columns before it
) WITHOUT ROWID;
"""
# As bytes, because what the disk has changed need not be a text.
_AS_BYTES = ", ".join(
    f"CAST({column} AS BLOB)" for column in ("key", "identity", "environment", "prediction")
)

# Servers have said so much of their tokens; no sum is made of that. What may not stand before it is
# looked for behind it: `re` is ten times as fast where a pattern begins with a text.
_NO_COUNT = re.compile(rb'":(?<!\\":)-?[0-9]{16}')


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """A prediction as it was kept, and where it was made."""

    prediction: Prediction
    environment: Mapping[str, object]


def prediction_text(prediction: Prediction) -> str:
    """Return a prediction as it is kept."""
    return canonical_json(prediction)


class Store:
    """The predictions of one results folder. Use it in a `with` block."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the store, making it and its folder if need be; raise StoreError.

        With `read_only` nothing on the disk changes; a store that is not there is an empty one.
        """
        self._path = path
        self._told: set[str] = set()  # keys of predictions that cannot be taken
        if not read_only:
            make_folder(path.parent)
        try:
            if read_only:
                self._db = connect_to_read(path)
                weakref.finalize(self, self._db.close)
                self._has_checksums = store_version(self._db, self._path) == STORE_VERSION
                return
            # The garbage collector may close it in any thread; one at a time uses it.
            self._db = sqlite3.connect(
                path, timeout=_LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
            )
            weakref.finalize(self, self._db.close)  # of a bad file too, which no `with` block gets
            self._write_ahead()
            self._db.execute("PRAGMA synchronous=FULL")
            self._prepare()
            self._has_checksums = True
        except sqlite3.Error as error:
            raise self._failure(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def knows(self, identity: Mapping[str, object]) -> bool:
        """Return whether anything was ever kept of a model, without looking at what."""
        try:
            row = self._db.execute(
                "SELECT 1 FROM facts WHERE sha256 = ?", (sha256(canonical_json(identity)),)
            ).fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from None
        return row is not None

    def stored_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys that the store has a prediction of, failures left out."""
        # In a text within the JSON quotes have backslashes, so this stands nowhere else.
        return {key for key, text, _ in self._rows(keys) if b'"error":null' in text}

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys that the store has a prediction of, failures included."""
        return {key for key, *_ in self._rows(keys)}

    def get(self, keys: Iterable[str]) -> dict[str, StoredPrediction]:
        """Return what the store has of these keys, failures included."""
        environments: dict[bytes, Mapping[str, object]] = {}  # most were made in one
        stored: dict[str, StoredPrediction] = {}
        for key, text, environment in self._rows(keys):
            if environment not in environments:
                environments[environment] = json.loads(environment)
            try:
                prediction = _PREDICTION.validate_json(text)
            except ValueError as error:
                raise self._failure(error) from None
            stored[key] = StoredPrediction(prediction, environments[environment])
        return stored

    def _rows(self, keys: Iterable[str]) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield key, prediction and environment of those that are there, as they were written."""
        checksum = "checksum" if self._has_checksums else "NULL"
        sql = (
            f"SELECT {_AS_BYTES}, {checksum}, CAST(json AS BLOB) FROM predictions "  # noqa: S608
            "LEFT JOIN facts ON environment = sha256 WHERE key IN (%s)"
        )
        damaged: set[str] = set()
        no_counts: set[str] = set()
        hashes: dict[bytes, str] = {}  # of facts: most were made in one environment
        try:
            rest = iter(keys)
            while asked := list(islice(rest, _ASKED_AT_ONCE)):
                for row in self._db.execute(sql % ",".join("?" * len(asked)), asked):
                    *cells, checksum, facts = row
                    key = cells[0].decode()
                    intact = checksum is None or checksum == checksum_of(*cells)
                    if facts and facts not in hashes:
                        hashes[facts] = sha256(facts)
                    if intact and _NO_COUNT.search(cells[3]):
                        no_counts.add(key)
                    elif intact and facts and hashes[facts] == cells[2].decode():
                        yield key, cells[3], facts
                    else:
                        damaged.add(key)
        except sqlite3.Error as error:
            raise self._failure(error) from None
        if damaged - self._told:
            warn(
                f"{self._path}: the disk has changed {len(damaged)} of the stored predictions "
                "since they were written (their checksums differ); they count as not there"
            )
        if no_counts - self._told:
            warn(
                f"{self._path}: {len(no_counts)} of the stored predictions have a count too "
                "long to be one; they count as not there"
            )
        self._told |= damaged | no_counts

    def put(
        self,
        predictions: Iterable[tuple[str, Prediction | str]],
        identity: Mapping[str, object],
        environment: Mapping[str, object],
    ) -> None:
        """Keep a batch in one transaction; when this returns, it is on the disk.

        A text is a prediction that `prediction_text` wrote, in another process.
        """
        facts = [canonical_json(identity), canonical_json(environment)]
        hashes = [sha256(fact) for fact in facts]
        rows = []
        for key, prediction in predictions:
            text = prediction if isinstance(prediction, str) else prediction_text(prediction)
            cells = (key, *hashes, text)
            rows.append((*cells, checksum_of(*map(str.encode, cells))))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?)", zip(hashes, facts, strict=True)
                )
                self._db.executemany(
                    "INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?)", rows
                )
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk, or who stops it, may have ended it
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._failure(error) from None

    def _write_ahead(self) -> None:
        """Log ahead of writing; wait for another process that makes the store at the same moment.

        SQLite itself waits for locks, but not for this one: who would switch while another is
        about to is told at once that the database is locked.
        """
        deadline = time.monotonic() + _LOCK_TIMEOUT
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.01)

    def _prepare(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        if _recorded_version(self._db) == 0:
            make_tables(self._db)
        if store_version(self._db, self._path) == 1:
            _add_checksums(self._db)
        self._db.execute("COMMIT")

    def _failure(self, error: Exception) -> StoreError:
        return store_failure(self._path, error)


def store_version(db: sqlite3.Connection, path: Path) -> int:
    """Return the version of a store that can be read; raise StoreError for any other."""
    version = _recorded_version(db)
    if version not in (1, STORE_VERSION):
        raise StoreError(
            f"{path}: a store of version {version}, this harness writes {STORE_VERSION}; "
            "choose another --out"
        )
    return version


def _recorded_version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def connect_to_read(path: Path, *, alone: bool = False) -> sqlite3.Connection:
    """Return a connection that changes nothing; of a store that is not there to an empty one.

    `alone` says that nobody else has the store open.
    """
    if not path.is_file():
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        make_tables(db)
        return db
    # Without a log beside it all is in the file, and SQLite need not make one to read it.
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if log.exists() and not alone else "immutable=1"
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{mode}",
        uri=True,
        timeout=_LOCK_TIMEOUT,
        check_same_thread=False,
    )


def checksum_of(*cells: bytes) -> str:
    """Return the checksum of a prediction's key, identity, environment and JSON."""
    return sha256(b"\0".join(cells))


def _add_checksums(db: sqlite3.Connection) -> None:
    """Make a store of version 1 one of version 2; what it holds now is taken for right."""
    db.create_function("checksum_of", 4, checksum_of, deterministic=True)
    db.execute("ALTER TABLE predictions ADD COLUMN checksum TEXT")
    db.execute(f"UPDATE predictions SET checksum = checksum_of({_AS_BYTES})")  # noqa: S608
    db.execute(f"PRAGMA user_version = {STORE_VERSION}")


def make_tables(db: sqlite3.Connection) -> None:
    """Make an empty store of a database without tables."""
    for statement in _SCHEMA.split(";")[:-1]:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {STORE_VERSION}")
