"""Several stores to one: rows in the order of their keys, each held against its checksum.

The stores are only read. Of each no more than a few pages are in memory, and since all give their
rows in one order, the new store is written from its beginning to its end.
"""

import contextlib
import heapq
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from harness.environment import place_kind
from harness.errors import StoreError, UsageError
from harness.files import sha256
from harness.run.in_use import refuse_in_use
from harness.run.store import (
    STORE_VERSION,
    checksum_of,
    connect_to_read,
    make_tables,
    store_version,
)
from harness.run.store_failure import store_failure

# More stores are as many open files, of which a process may have 1,024.
MOST_STORES = 500
_PAGES = "PRAGMA cache_size = -256"  # in KiB, of each store
_TELL_EVERY = 10_000

# A row: its key, which store it is of, and the hashes, JSON and checksum as they were written.
_Row = tuple[bytes, int, bytes, bytes, bytes, str]


@dataclass(frozen=True, slots=True)
class United:
    """How many predictions a new store has, and what was found on the way.

    `damaged` says of how many predictions of each store the disk has changed something: they were
    left out. `differing` is of how many keys the stores had other texts than the one that stands.
    """

    predictions: int
    damaged: Mapping[Path, int]
    differing: int


@dataclass
class _Tally:
    """What is counted while rows are read."""

    facts: dict[bytes, bytes] = field(default_factory=dict)
    damaged: dict[Path, int] = field(default_factory=dict)
    predictions: int = 0
    differing: int = 0


def unite(
    stores: Sequence[Path], path: Path, tell: Callable[[int], object] | None = None
) -> United:
    """Write a new store with the predictions of all; of two that have one key the first stands.

    A text stands before a failure. Raises StoreError where two texts of one key are in float32 and
    of one kind of place, for a store that cannot be read, and where nothing can be written;
    UsageError for too many stores, and for one in use. The stores are not changed. `tell` is called
    with the number of predictions since it was called before.
    """
    if len(stores) > MOST_STORES:
        raise UsageError(
            f"{len(stores)} stores: at most {MOST_STORES} are merged at once; merge parts of them "
            "with --stores-only, and then what these became"
        )
    for store in stores:
        refuse_in_use(store)
    tally = _Tally()
    with contextlib.ExitStack() as stack:
        readers = [
            stack.enter_context(_opened(store, path.with_name(f"{path.name}-{index}")))
            for index, store in enumerate(stores)
        ]
        rows = heapq.merge(
            *(
                _intact_rows(index, db, store, tally)
                for index, (db, store) in enumerate(zip(readers, stores, strict=True))
            )
        )
        try:
            _write(path, _standing(rows, stores, tally, tell), tally)
        except sqlite3.Error as error:
            raise store_failure(path, error) from None
    return United(tally.predictions, tally.damaged, tally.differing)


@contextlib.contextmanager
def _opened(store: Path, copy: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that reads a store; of one that was killed, of a copy with its log.

    SQLite would have to write beside the store to read both.
    """
    log = store.with_name(f"{store.name}-wal")
    copied: list[Path] = []
    try:
        if log.is_file() and log.stat().st_size:
            copied = [copy, copy.with_name(f"{copy.name}-wal")]
            for source, target in zip((store, log), copied, strict=True):
                shutil.copyfile(source, target)
            db = sqlite3.connect(copy, isolation_level=None)
        else:
            db = connect_to_read(store, alone=True)
    except (sqlite3.Error, OSError) as error:
        raise store_failure(store, error) from None
    try:
        with contextlib.closing(db):
            db.execute(_PAGES)
            if store_version(db, store) != STORE_VERSION:
                raise StoreError(
                    f"{store}: is of an older version; `harness eval` brings it up to this one"
                )
            yield db
    except sqlite3.Error as error:
        raise store_failure(store, error) from None
    finally:
        for file in copied:
            for name in (file.name, f"{file.name}-shm"):
                file.with_name(name).unlink(missing_ok=True)


def _intact_rows(index: int, db: sqlite3.Connection, store: Path, tally: _Tally) -> Iterator[_Row]:
    """Yield a store's rows by key; those that the disk has changed are counted and left out."""
    known = set()
    try:
        for name, text in db.execute("SELECT CAST(sha256 AS BLOB), CAST(json AS BLOB) FROM facts"):
            if sha256(text).encode() == name:
                known.add(name)
                tally.facts[name] = text
        rows = db.execute(
            "SELECT CAST(key AS BLOB), CAST(identity AS BLOB), CAST(environment AS BLOB), "
            "CAST(prediction AS BLOB), checksum FROM predictions ORDER BY key"
        )
        for key, identity, environment, prediction, checksum in rows:
            if (
                checksum == checksum_of(key, identity, environment, prediction)
                and identity in known
                and environment in known
            ):
                yield key, index, identity, environment, prediction, checksum
            else:
                tally.damaged[store] = tally.damaged.get(store, 0) + 1
    except sqlite3.Error as error:
        raise store_failure(store, error) from None


def _standing(
    rows: Iterable[_Row],
    stores: Sequence[Path],
    tally: _Tally,
    tell: Callable[[int], object] | None,
) -> Iterator[_Row]:
    """Yield one row of each key: the first that is no failure, or the first."""
    for _, group in groupby(rows, key=itemgetter(0)):
        same = list(group)
        yield _first_text(same, stores, tally) if len(same) > 1 else same[0]
        tally.predictions += 1
        if tell and not tally.predictions % _TELL_EVERY:
            tell(_TELL_EVERY)


def _first_text(rows: Sequence[_Row], stores: Sequence[Path], tally: _Tally) -> _Row:
    """Return the row that stands; raise StoreError for a text that cannot be another."""
    predictions = [json.loads(row[4]) for row in rows]
    texts = [
        (row, prediction["text"])
        for row, prediction in zip(rows, predictions, strict=True)
        if prediction["error"] is None
    ]
    if not texts:
        return rows[0]
    standing, text = texts[0]
    differing = [row for row, other in texts if other != text]
    for row in differing:
        if _is_reproducible(tally.facts, standing, row):
            raise StoreError(
                f"{stores[row[1]]}: has another text than {stores[standing[1]]} under the key "
                f"{standing[0].decode()}, though both are float32 and of one kind of place: one of "
                "them is wrong; run both shards again, on machines that can be trusted"
            )
    tally.differing += bool(differing)
    return standing


def _is_reproducible(facts: Mapping[bytes, bytes], row: _Row, other: _Row) -> bool:
    """Return whether two predictions of one key must have one text: in float32, in like places."""
    if json.loads(facts[row[2]]).get("dtype") != "float32":
        return False
    places = [place_kind(json.loads(facts[of[3]])) for of in (row, other)]
    return places[0] == places[1]


def _write(path: Path, rows: Iterable[_Row], tally: _Tally) -> None:
    """Write a new store; when this returns, it is on the disk."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        # Nobody else knows of the file, and one that is not whole is thrown away. What is longer
        # than a quarter of a page takes whole pages more: a summary would take one of 4 KiB.
        for pragma in (
            "page_size = 16384",
            "journal_mode = OFF",
            "synchronous = OFF",
            "cache_size = -8192",
        ):
            db.execute(f"PRAGMA {pragma}")
        make_tables(db)
        db.execute("BEGIN")
        texts = ", ".join(["CAST(? AS TEXT)"] * 4)
        db.executemany(
            f"INSERT INTO predictions VALUES ({texts}, ?)",  # noqa: S608
            ((key, *cells) for key, _, *cells in rows),
        )
        db.executemany(
            "INSERT INTO facts VALUES (CAST(? AS TEXT), CAST(? AS TEXT))", tally.facts.items()
        )
        db.execute("COMMIT")
    try:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise store_failure(path, error) from None
