"""Files as they are read: through what they are compressed by, and by the format that they have."""

import bz2
import contextlib
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from harness.errors import DataError, UsageError
from harness.files import refuse_no_file
from harness.requirements import import_failed

_FORMATS = ("json", "jsonl", "ndjson", "csv", "tsv", "parquet", "arrow")


def _open_zip(path: Path) -> object:
    """Return the one file of an archive; raise DataError for several."""
    archive = zipfile.ZipFile(path)
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) != 1:
        raise DataError(f"{path}: has {len(members)} files in it; unpack it, and name one of them")
    return archive.open(members[0])


def _open_zstd(path: Path) -> object:
    try:
        import pyarrow as pa
    except ImportError:
        raise UsageError(import_failed("what zstd compressed", "pyarrow")) from None
    return BufferedReader(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))


# How a file begins, and what opens it.
_OPENERS: Mapping[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"PK\x03\x04": _open_zip,
    b"\x28\xb5\x2f\xfd": _open_zstd,
}
_PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")


def format_of(path: Path) -> str:
    """Return the format of a file by its name, compressed or not; raise DataError for no known.

    >>> format_of(Path("articles.JSONL.gz"))
    'jsonl'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    name = suffixes[-1].removeprefix(".") if suffixes else ""
    if name not in _FORMATS:
        raise DataError(
            f"{path}: its name tells no format; a data set is a file of {', '.join(_FORMATS)}, "
            f"as it is or compressed ({', '.join(_PACKED)})"
        )
    return "jsonl" if name == "ndjson" else name


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[BufferedReader]:
    """Open a file to be read, as what was compressed; raise DataError where it cannot be."""
    try:
        refuse_no_file(path)
        with path.open("rb") as file:
            beginning = file.read(6)
        opener = next(
            (opener for magic, opener in _OPENERS.items() if beginning.startswith(magic)), None
        )
        if opener is None:
            with path.open("rb") as file:
                yield file
        else:
            with opener(path) as file:
                yield cast("BufferedReader", file)  # all of them have its `peek`
    except (EOFError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: is damaged or cut off: {_reason(error)}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or _reason(error)}") from None


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
