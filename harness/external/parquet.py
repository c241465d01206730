"""Rows of Parquet files and of data sets in a folder, as Hugging Face `datasets` keeps them.

Both are read by pyarrow, in small batches and only the columns that are asked for; nothing reaches
the network.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError

_BATCH = 256


def pyarrow_module(name: str) -> Any:
    """Return a module of pyarrow; raise UsageError, saying how to install it, without it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(
            "Parquet files and data sets need pyarrow; run: pip install 'golden-harness[data]'"
        ) from None


def rows(path: Path, keep: Callable[[str], bool]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield where each row stands and its columns of the names that `keep` says.

    `path` is a Parquet file, or a folder with Parquet or Arrow files in it. Raises DataError.
    """
    row = 0
    for file in data_files(path):
        for batch in _batches(file, keep):
            for columns in batch:
                row += 1
                yield f"{path}: row {row}", columns


def data_files(path: Path) -> list[Path]:
    """Return the data files of a Parquet file or a data set's folder, in the order of the rows.

    Raises DataError for a folder without any, and for one with several splits.
    """
    if path.is_file():
        return [path]
    splits = sorted(one.name for one in path.iterdir() if one.is_dir() and _inside(one))
    found = _inside(path)
    if not found and len(splits) == 1:
        return _inside(path / splits[0])
    if not found and splits:
        raise DataError(
            f"{path}: a data set with the splits {', '.join(splits)}; name one: {path / splits[0]}"
        )
    if not found:
        raise DataError(f"{path}: no Parquet or Arrow files are in this folder")
    names = {one.name.split("-")[0] for one in found}
    if len(names) > 1:  # train-00000-of-00002.parquet beside test-00000-of-00001.parquet
        raise DataError(
            f"{path}: files of several splits ({', '.join(sorted(names))}); name one of the files"
        )
    return found


def _inside(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.parquet")]) or sorted(
        one for one in folder.glob("*.arrow") if not one.name.startswith("cache-")
    )


def _batches(file: Path, keep: Callable[[str], bool]) -> Iterator[list[dict[str, object]]]:
    pa = pyarrow_module("pyarrow")
    try:
        if file.suffix == ".arrow":
            with pa.memory_map(str(file)) as source, _stream(source) as reader:
                names = [name for name in reader.schema.names if keep(name)]
                for batch in reader:
                    for start in range(0, batch.num_rows, _BATCH):
                        yield _plain(batch.select(names).slice(start, _BATCH))
        else:
            with pyarrow_module("pyarrow.parquet").ParquetFile(file) as reader:
                names = [name for name in reader.schema_arrow.names if keep(name)]
                for batch in reader.iter_batches(_BATCH, columns=names):
                    yield _plain(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{file}: cannot be read as data: {reason}") from None


def _plain(batch: Any) -> list[dict[str, object]]:
    batch.validate(full=True)  # offsets of a damaged file may point anywhere
    rows: list[dict[str, object]] = batch.to_pylist()
    return rows


def _stream(source: Any) -> Any:
    ipc = pyarrow_module("pyarrow.ipc")
    return ipc.open_stream(source)
