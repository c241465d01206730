"""Rows of Parquet files and of data sets in a folder, as Hugging Face `datasets` keeps them.

Both are read by pyarrow, in small batches and only the columns that are asked for; nothing reaches
the network.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError
from harness.requirements import import_failed
from harness.suite.data_set.reading.arrow_rows import read_arrow
from harness.suite.data_set.reading.folders import by_numbers


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

    def kept(names: Sequence[str]) -> list[str]:
        return [name for name in names if keep_field(name)]

    number = 0
    for file in data_files(path):
        file_format = "arrow" if file.suffix == ".arrow" else "parquet"
        for row in read_arrow(file, file_format, kept):
            number += 1
            yield f"{path}: row {number}", row.columns


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
    return sorted(folder.glob("*.parquet"), key=by_numbers) or sorted(arrow, key=by_numbers)
