"""Rows of Parquet and of Arrow, as `datasets` saves it, read by pyarrow a batch at a time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError
from harness.files import refuse_no_file
from harness.requirements import import_failed
from harness.suite.data_set.reading.json_rows import Row

_BATCH_ROWS = 256


def read_arrow(
    path: Path, file_format: str, choose: Callable[[Sequence[str]], Sequence[str]]
) -> Iterator[Row]:
    """Yield a file's rows, with those columns alone that `choose` returns of their names.

    Raises DataError for what cannot be read, UsageError without pyarrow. Not by `datasets`: left
    before its end, it may abort Python, which threads of its scanner outlive (apache/arrow issue
    45214).
    """
    try:
        import pyarrow as pa
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError:
        raise UsageError(import_failed("Parquet and Arrow files", "pyarrow")) from None
    number = 0
    try:
        refuse_no_file(path)
        if file_format == "parquet":
            with pa.parquet.ParquetFile(path) as table:
                names = [*choose(table.schema_arrow.names)]
                for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=names):
                    for columns in _columns(batch):
                        number += 1
                        yield Row(f"{path}: row {number}", columns)
        else:
            with pa.memory_map(str(path)) as source, _reader(pa.ipc, source) as reader:
                names = [*choose(reader.schema.names)]
                for batch in _batches(reader):
                    for start in range(0, batch.num_rows, _BATCH_ROWS):
                        for columns in _columns(batch.select(names).slice(start, _BATCH_ROWS)):
                            number += 1
                            yield Row(f"{path}: row {number}", columns)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        after = f" after row {number}" if number else ""
        raise DataError(
            f"{path}: cannot be read{after}, is it cut off or damaged: {reason}"
        ) from None


def _reader(ipc: Any, source: Any) -> Any:
    """Return what reads an Arrow file: a stream, as `datasets` saves, or with its index."""
    if source.read(6) == b"ARROW1":
        return ipc.open_file(source)
    source.seek(0)
    return ipc.open_stream(source)


def _batches(reader: Any) -> Iterator[Any]:
    if hasattr(reader, "num_record_batches"):
        for place in range(reader.num_record_batches):
            yield reader.get_batch(place)
    else:
        yield from reader


def _columns(batch: Any) -> list[dict[str, Any]]:
    batch.validate(full=True)  # offsets of a damaged file may point anywhere
    rows: list[dict[str, Any]] = batch.to_pylist()
    return rows
