"""The scores of every item of a file, as JSON lines or as Parquet, written as they come."""

import contextlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from harness.errors import UsageError
from harness.external.parquet import pyarrow_module
from harness.files import refuse_foreign_file, replacing

_BATCH = 4096
_COLUMNS = ("system", "id", "missing")


class ItemWriter(Protocol):
    """What takes the scores of one system after the other."""

    def add(
        self,
        system: str,
        ids: Iterable[str],
        missing: Sequence[bool],
        scores: Mapping[str, Sequence[float]],
    ) -> None:
        """Write a system's items: each id, whether it has no prediction, and its scores."""


@contextlib.contextmanager
def open_items(path: Path | None, names: Sequence[str]) -> Iterator[ItemWriter]:
    """Open a file of items, to be kept only if the block ends well; `None` keeps nothing.

    The suffix is `.jsonl` or `.parquet`; `names` are the metrics. Raises UsageError, StoreError.
    """
    if path is None:
        yield _NoItems()
    elif path.suffix == ".jsonl":
        with replacing(path) as temporary:
            yield _JsonLinesItems(temporary)
    elif path.suffix == ".parquet":
        pq = pyarrow_module("pyarrow.parquet")
        pa = pyarrow_module("pyarrow")
        columns = [("system", pa.string()), ("id", pa.string()), ("missing", pa.bool_())]
        schema = pa.schema([*columns, *((name, pa.float64()) for name in names)])
        with (
            replacing(path) as temporary,
            temporary.open("wb") as file,
            pq.ParquetWriter(file, schema) as writer,
        ):
            yield _ParquetItems(writer, schema)
    else:
        raise UsageError(f"--items: {path}: give a file that ends in .jsonl or .parquet")


def refuse_other_file(path: Path) -> None:
    """Raise UsageError where a file of another kind is in the place of the items' one."""
    if path.suffix == ".parquet" and path.is_file() and path.stat().st_size:
        try:
            names = pyarrow_module("pyarrow.parquet").read_schema(path).names
        except (pyarrow_module("pyarrow").ArrowException, OSError):
            names = []
        if tuple(names[: len(_COLUMNS)]) == _COLUMNS:
            return
    refuse_foreign_file(path, r'\{"system": .*"missing": .*"scores": ', "file of items", "--items")


class _NoItems:
    def add(self, *_: object) -> None:
        return


class _JsonLinesItems:
    def __init__(self, path: Path) -> None:
        self._path = path
        path.write_text("", encoding="utf-8")

    def add(
        self,
        system: str,
        ids: Iterable[str],
        missing: Sequence[bool],
        scores: Mapping[str, Sequence[float]],
    ) -> None:
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            for index, name in enumerate(ids):
                line = {
                    "system": system,
                    "id": name,
                    "missing": bool(missing[index]),
                    "scores": {metric: values[index] for metric, values in scores.items()},
                }
                file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")


class _ParquetItems:
    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer = writer
        self._schema = schema

    def add(
        self,
        system: str,
        ids: Iterable[str],
        missing: Sequence[bool],
        scores: Mapping[str, Sequence[float]],
    ) -> None:
        pa = pyarrow_module("pyarrow")
        remaining_ids = iter(ids)
        start = 0
        while batch := list(itertools.islice(remaining_ids, _BATCH)):
            end = start + len(batch)
            columns = {
                "system": [system] * len(batch),
                "id": batch,
                "missing": [bool(one) for one in missing[start:end]],
                **{metric: list(values[start:end]) for metric, values in scores.items()},
            }
            self._writer.write_table(pa.table(columns, schema=self._schema))
            start = end
