"""The folders that are merged: which shards of which run they hold, and whether they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.command.locations import refuse_named_twice
from harness.errors import DataError, UsageError
from harness.eval.shards.shard_file import SHARD_FILE, ShardFile, listed_numbers, read_shard_file
from harness.leaderboard.rows.model_facts import ModelFacts
from harness.leaderboard.run_folder import LEADERBOARD, STORE


@dataclass(frozen=True)
class Parts:
    """Folders with shards of one run, each shard once, in the order in which they were named."""

    folders: Sequence[Path]
    files: Sequence[ShardFile]

    @property
    def file(self) -> ShardFile:
        """What all of them say together."""
        return self.files[0].model_copy(
            update={
                "shards": sorted(number for file in self.files for number in file.shards),
                "models": [_best_known(facts) for facts in zip(*self._models, strict=True)],
            }
        )

    @property
    def _models(self) -> list[list[ModelFacts]]:
        return [file.models for file in self.files]

    @property
    def absent(self) -> list[int]:
        """The numbers of the shards that are in none of the folders."""
        return sorted({*range(1, self.files[0].count + 1)} - {*self.file.shards})

    @property
    def absent_name(self) -> str:
        """These shards as a person names them, "" for none."""
        return f"{listed_numbers(self.absent)}/{self.files[0].count}" if self.absent else ""


def read_parts(folders: Sequence[Path]) -> Parts:
    """Return what lies in the folders, which are only read.

    Raises UsageError for a folder or a shard that is named twice, and for one that holds no shard;
    DataError for shards of different runs: other suites, models, options or versions.
    """
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder; name the folders of shards")
    refuse_named_twice(folders)
    files = [_shard_file(folder) for folder in folders]
    for folder, file in zip(folders, files, strict=True):
        if difference := files[0].difference(file):
            raise DataError(
                f"{folders[0]} and {folder}: are no shards of one run: {difference}; run all of "
                "them with the same suite, rosters, options and version"
            )
    holders: dict[int, Path] = {}
    for folder, file in zip(folders, files, strict=True):
        for number in file.shards:
            if (holder := holders.setdefault(number, folder)) is not folder:
                raise UsageError(
                    f"{holder} and {folder}: both hold the shard {number}/{file.count}; name one "
                    "of them"
                )
    return Parts(folders, files)


def _shard_file(folder: Path) -> ShardFile:
    file = read_shard_file(folder)
    if file is None:
        if (folder / STORE).is_file() or (folder / LEADERBOARD).is_file():
            raise UsageError(
                f"{folder}: is a run without shards; `harness eval --shard NUMBER/COUNT` makes "
                "what is merged"
            )
        raise UsageError(
            f"{folder}: is no run of a shard: {SHARD_FILE} is missing; name folders that "
            "`harness eval --shard` has written"
        )
    wrong = [number for number in file.shards if number > file.count]
    if wrong or file.shards != sorted(set(file.shards)) or not file.shards:
        raise DataError(f"{folder / SHARD_FILE}: shards: are not numbers up to {file.count}")
    return file


def _best_known(facts: Sequence[ModelFacts]) -> ModelFacts:
    """Return what is known of a model whose weights some shards had not fetched yet."""
    with_weights = [known for known in facts if known.weights_bytes is not None]
    return max(with_weights or facts, key=lambda known: len(known.generation))
