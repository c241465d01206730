"""The rows of a table: Parquet, a folder, or a commit of a data set on the Hub.

Parquet is read by pyarrow, all else by `datasets`, which also says which files a folder's splits
are. They are imported only then, and read from this disk alone: given a name on the Hub and no
network, `datasets` takes a folder of that name, or whatever commit it had last. So the files of the
commit come first, by the Hub's own client, and then their folder is read.
"""

import glob
import os.path
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import DataError, HarnessError, UsageError
from harness.hub import fetch_repository
from harness.requirements import import_failed
from harness.suite.squad.source import Source

# What of a commit is read: data, and what says which of it is which split.
_PATTERNS = (
    "README.md", ".huggingface.yaml", "dataset_infos.json",
    "*.parquet", "*.arrow", "*.json", "*.jsonl", "*.ndjson", "*.csv", "*.tsv", "*.gz", "*.zip",
)  # fmt: skip
_BATCH_ROWS = 1000
_SHARD = re.compile(r"(?P<name>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\..+)?")


def read_rows(source: Source) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a table, of the Hub's after fetching its files where they are not here.

    Raises DataError for what cannot be read, lacks a part, or leads out of the folder or commit;
    UsageError without `datasets`.
    """
    try:
        import datasets
    except ImportError:
        subject = "a data set's folder, Parquet or the Hub"
        raise UsageError(import_failed(subject, "datasets")) from None
    datasets.disable_progress_bars()
    datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False  # else it asks the network to count a file
    try:
        if source.path is None:
            folder = fetch_repository(
                str(source.hub), str(source.revision), _PATTERNS, kind="dataset"
            )
            yield from _rows_of_folder(source, folder)
            return
        path = source.path.absolute()  # a name alone, such as json, is a format to `datasets`
        if (saved := path / (source.split or "") / "state.json").is_file():
            yield from datasets.load_from_disk(str(saved.parent))
        elif path.is_dir():
            yield from _rows_of_folder(source, path)
        elif path.suffix.lower() == ".parquet":
            yield from _parquet_rows([str(path)])
        elif path.suffix.lower() == ".jsonl":
            file = glob.escape(str(path))
            yield from datasets.load_dataset("json", data_files=file, split="train", streaming=True)
        else:
            raise DataError(
                f"{source.path}: is no .json or .parquet; save it as one, laid out as SQuAD's data "
                "set"
            )
    except (HarnessError, GeneratorExit):
        raise
    except Exception as error:  # what a library of many back ends raises is not one family
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise DataError(f"{source.label}: cannot be read as a data set: {reason}") from None


def _rows_of_folder(source: Source, folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a split, and raise DataError for one that is not whole."""
    import datasets

    builder = datasets.load_dataset_builder(str(folder), name=source.config)
    told = builder.info.splits or {}  # what the data set's page says of itself
    files: Mapping[str, list[str]] = builder.config.data_files or {}
    splits = [str(name) for name in dict.fromkeys([*told, *files])]
    if source.split is None and len(splits) > 1:
        raise DataError(
            f"{source.label}: has the splits {', '.join(splits)}; name one: #{splits[-1]}"
        )
    split = source.split or splits[0]
    _refuse_other_files(source, folder, files.get(split, []))
    parquet = builder.info.builder_name == "parquet" and split in files
    rows = _parquet_rows(files[split]) if parquet else builder.as_streaming_dataset(split=split)
    count = 0
    for row in rows:
        count += 1
        yield row
    expected = told[split].num_examples if split in told else None
    if source.hub and expected and count != expected:
        raise DataError(
            f"{source.label}: has {count:,} rows here, and {expected:,} by its own page, so a part "
            f"of it is missing; {_again(source)}"
        )


def _parquet_rows(files: list[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of files, not by `datasets`: left before its end, it may abort Python.

    Threads of its scanner outlive Python then (apache/arrow issue 45214).
    """
    from pyarrow.parquet import ParquetFile

    for file in files:
        with ParquetFile(file) as table:
            for batch in table.iter_batches(batch_size=_BATCH_ROWS):
                yield from batch.to_pylist()


def _refuse_other_files(source: Source, folder: Path, files: list[str]) -> None:
    """Raise DataError for a file outside of the folder, and for a file of several that is missing.

    A page may name any address, and brackets in a folder's name are a pattern to `datasets`.
    """
    names: dict[tuple[str, str, str], set[int]] = {}
    for file in files:
        if not Path(os.path.normpath(file)).is_relative_to(folder.resolve()):
            raise DataError(
                f"{source.label}: its data would be read from {file}, which is not in it; name "
                "that file or folder itself"
            )
        if shard := _SHARD.fullmatch(file):
            key = (shard["name"], shard["count"], shard["ending"] or "")
            names.setdefault(key, set()).add(int(shard["number"]))
    for (name, count, ending), numbers in names.items():
        missing = set(range(int(count))) - numbers
        if missing:
            raise DataError(
                f"{source.label}: {Path(name).name}-{min(missing):05}-of-{count}{ending} is "
                f"missing; {_again(source)}"
            )


def _again(source: Source) -> str:
    if source.hub is None:
        return "put it there, or name a file that is"
    return f"run `hf download --repo-type dataset {source.hub} --revision {source.revision}`"
