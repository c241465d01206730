"""Which files a data set is: by a pattern, in a folder, or of a commit on the Hub."""

import json
import os.path
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError
from harness.hub import fetch_repository, listed_files
from harness.requirements import import_failed
from harness.suite.data_set.source import Source, matching

# What of a commit is read: data, and what says which of it is which split.
_PATTERNS = (
    "README.md", ".huggingface.yaml", "dataset_infos.json",
    "*.parquet", "*.arrow", "*.json", "*.jsonl", "*.ndjson", "*.csv", "*.tsv", "*.gz", "*.zip",
)  # fmt: skip
_DATA = (".parquet", ".arrow", ".jsonl", ".ndjson", ".csv", ".tsv")
_SHARD = re.compile(r"(?P<name>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\..+)?")


@dataclass(frozen=True)
class Files:
    """The files in the order of their rows.

    Also how many rows these are by the data set's own page, and what brings files that are missing.
    """

    paths: Sequence[Path]
    expected_rows: int | None = None
    again: str = ""


def source_files(source: Source) -> Files:
    """Return a data set's files, of the Hub's after fetching them where they are not here.

    Raises DataError for what is not there, lacks a part, or leads out of the folder or commit;
    UsageError without `datasets`, for a folder.
    """
    if source.path is None:
        _import_datasets()
        folder = fetch_repository(str(source.hub), str(source.revision), _PATTERNS, kind="dataset")
        return _files_of_folder(source, folder)
    if source.path.is_dir():
        saved = _saved_files(source, source.path)
        return Files(saved) if saved else _files_of_folder(source, source.path.absolute())
    if source.split:
        raise DataError(f"{source.path}: a file has no splits; leave #{source.split} out")
    if source.path.exists():  # who reads it says what else than a file it is
        return Files([source.path])
    # A pattern, or a name that looks like one and is not there any more.
    paths = [Path(name) for name in matching(source.path)]
    files = sorted((path for path in paths if path.is_file()), key=by_numbers)
    if not files:
        raise DataError(f"{source.path}: there is no such file")
    return Files(files)


def by_numbers(path: Path) -> list[tuple[int, str]]:
    """Return what sorts files by the numbers in their names: part-2 before part-10."""
    parts = re.split(r"(\d+)", str(path))
    return [(int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)]


def _saved_files(source: Source, folder: Path) -> list[Path]:
    """Return the files of what `save_to_disk` wrote; none for any other folder."""
    splits: list[str] = []
    if (whole := folder / "dataset_dict.json").is_file():
        splits = [str(name) for name in _json_file(whole).get("splits", [])]
        if source.split is None and len(splits) > 1:
            raise _several_splits(source, splits)
        if source.split is not None and source.split not in splits:
            raise _no_split(source, splits)
    split = source.split or (splits[0] if splits else "")
    state = folder / split / "state.json"
    if not state.is_file():
        return []
    files = [state.parent / file["filename"] for file in _json_file(state)["_data_files"]]
    for file in files:
        if not file.is_file():
            raise DataError(f"{source.label}: {file.name} is missing; save the data set anew")
    return files


def _json_file(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None


def _import_datasets() -> Any:
    try:
        import datasets
    except ImportError:
        raise UsageError(import_failed("a data set's folder, or the Hub", "datasets")) from None
    datasets.disable_progress_bars()
    datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False  # else it asks the network to count a file
    return datasets


def _files_of_folder(source: Source, folder: Path) -> Files:
    """Return the files of a split, and raise DataError for one that is not whole."""
    datasets = _import_datasets()
    _refuse_script(source, folder)
    try:
        builder = datasets.load_dataset_builder(str(folder), name=source.config)
    except Exception as error:  # what a library of many back ends raises is not one family
        if source.config is None and "Config name is missing" in str(error):
            raise _several_configs(source, datasets.get_dataset_config_names(str(folder))) from None
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise DataError(f"{source.label}: cannot be read as a data set: {reason}") from None
    told = builder.info.splits or {}  # what the data set's page says of itself
    files: Mapping[str, list[str]] = builder.config.data_files or {}
    splits = [str(name) for name in dict.fromkeys([*told, *files])]
    if source.split is None and len(splits) > 1:
        raise _several_splits(source, splits)
    split = source.split or splits[0]
    if split not in files:
        raise _no_split(source, splits)
    again = _again(source)
    _refuse_other_files(source, folder, files[split], again)
    expected = told[split].num_examples if split in told else None
    return Files([Path(file) for file in files[split]], expected, again)


def _several_configs(source: Source, names: Sequence[str]) -> DataError:
    """Return the error of a data set that is several, of which none was named."""
    first = names[0]
    way = (
        f"name one: hub:{source.hub}:{first}@{source.revision}"
        if source.hub
        else f'name one in a TOML file, with  data = "{source.path}"  and  config = "{first}"'
    )
    return DataError(f"{source.label}: has the configurations {', '.join(names)}; {way}")


def _several_splits(source: Source, splits: Sequence[str]) -> DataError:
    return DataError(f"{source.label}: has the splits {', '.join(splits)}; name one: #{splits[-1]}")


def _no_split(source: Source, splits: Sequence[str]) -> DataError:
    return DataError(
        f"{source.label}: has no split {source.split!r}; there are {', '.join(splits)}"
    )


def _refuse_script(source: Source, folder: Path) -> None:
    """Raise DataError for a data set that is a program: none is ever run."""
    # A script is called as its data set is; another program beside the data is none of it.
    script = f"{source.hub.rpartition('/')[2] if source.hub else folder.resolve().name}.py"
    listed = listed_files(source.hub, str(source.revision), "dataset") if source.hub else []
    if script not in listed and not (folder / script).is_file():
        return
    if not any(path.suffix in _DATA for path in folder.rglob("*")):
        way = (
            "take the commit of its branch refs/convert/parquet, if the Hub has one"
            if source.hub
            else "save what it makes as Parquet, and name that"
        )
        raise DataError(
            f"{source.label}: is a script, {script}, which no version of `datasets` from 4 on "
            f"runs, and so is never run here; {way}"
        )


def _refuse_other_files(source: Source, folder: Path, files: Sequence[str], again: str) -> None:
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
                f"missing; {again}"
            )


def _again(source: Source) -> str:
    if source.hub is None:
        return "put it there, or name a file that is"
    return f"run `hf download --repo-type dataset {source.hub} --revision {source.revision}`"
