"""Rows of Parquet files and of data sets in a folder, as Hugging Face `datasets` keeps them.

Both are read by pyarrow, in small batches and only the columns that are asked for; nothing reaches
the network.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError
from harness.requirements import import_failed

_BATCH = 256


def pyarrow_module(name: str) -> Any:
    """Return a module of pyarrow; raise UsageError, saying how to install it, without it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(import_failed("Parquet files and data sets", "pyarrow")) from None


def read_rows(
    path: Path, keep_field: Callable[[str], bool]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield where each row stands and its columns of the names that `keep_field` says.

    `path` is a Parquet file, or a folder with Parquet or Arrow files in it. Raises DataError.
    """
    row = 0
    for file in data_files(path):
        for batch in _batches(file, keep_field):
            for columns in batch:
                row += 1
                yield f"{path}: row {row}", columns


def data_files(path: Path) -> list[Path]:
    """Return the data files of a Parquet file or a data set's folder, in the order of the rows.

    Raises DataError for a folder without any, and for one with several splits.
    """
    if path.is_file():
        return [path]
    splits = sorted(
        folder.name for folder in path.iterdir() if folder.is_dir() and _data_files_in(folder)
    )
    files = _data_files_in(path)
    if not files and len(splits) == 1:
        return _data_files_in(path / splits[0])
    if not files and splits:
        raise DataError(
            f"{path}: a data set with the splits {', '.join(splits)}; name one: {path / splits[0]}"
        )
    if not files:
        raise DataError(f"{path}: no Parquet or Arrow files are in this folder")
    names = {file.name.split("-")[0] for file in files}
    if len(names) > 1:  # train-00000-of-00002.parquet beside test-00000-of-00001.parquet
        raise DataError(
            f"{path}: files of several splits ({', '.join(sorted(names))}); name one of the files"
        )
    return files


def _data_files_in(folder: Path) -> list[Path]:
    """Return a folder's data files by their numbers: part-2 before part-10."""
    arrow = (file for file in folder.glob("*.arrow") if not file.name.startswith("cache-"))
    return sorted(folder.glob("*.parquet"), key=_numbered) or sorted(arrow, key=_numbered)


def _numbered(file: Path) -> list[tuple[int, str]]:
    """Return what sorts files by the numbers in their names, whatever their zeros."""
    parts = re.split(r"(\d+)", file.name)
    return [(int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)]


def _batches(file: Path, keep_field: Callable[[str], bool]) -> Iterator[list[dict[str, object]]]:
    pa = pyarrow_module("pyarrow")
    try:
        if file.suffix == ".arrow":
            with pa.memory_map(str(file)) as source, _open_stream(source) as reader:
                names = [name for name in reader.schema.names if keep_field(name)]
                for batch in reader:
                    for start in range(0, batch.num_rows, _BATCH):
                        yield _to_records(batch.select(names).slice(start, _BATCH))
        else:
            with pyarrow_module("pyarrow.parquet").ParquetFile(file) as reader:
                names = [name for name in reader.schema_arrow.names if keep_field(name)]
                for batch in reader.iter_batches(_BATCH, columns=names):
                    yield _to_records(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{file}: cannot be read as data: {reason}") from None


def _to_records(batch: Any) -> list[dict[str, object]]:
    batch.validate(full=True)  # offsets of a damaged file may point anywhere
    records: list[dict[str, object]] = batch.to_pylist()
    return records


def _open_stream(source: Any) -> Any:
    ipc = pyarrow_module("pyarrow.ipc")
    return ipc.open_stream(source)
