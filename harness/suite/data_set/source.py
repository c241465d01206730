"""How a data set is named on the command line, and where that says it is.

    data:articles.jsonl.gz                             a file
    data:'parts/*.parquet'                             several files, by a pattern
    data:FOLDER#validation                             a folder as on the Hub, or as saved
    hub:OWNER/NAME@COMMIT#validation                   a data set on the Hub
    hub:OWNER/NAME:CONFIG@COMMIT#test                  one of its configurations
    squad:...                                          either

`#SPLIT` may be left out where there is one split. Behind `squad:` what is called OWNER/NAME is on
the Hub, and a folder of that name is written ./OWNER/NAME.
"""

import glob
import re
from dataclasses import dataclass
from pathlib import Path

from harness.command.locations import DATA, HUB, SQUAD, data_set_path, hub_name
from harness.errors import DataError
from harness.hub import is_repository

# What a file's name ends with that is no part of a suite's name.
_ENDINGS = re.compile(
    r"(\.(json|jsonl|ndjson|parquet|csv|tsv|arrow))?(\.(gz|bz2|xz|zst|zip))?\Z", re.IGNORECASE
)
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Source:
    """Files or a folder, or a data set's name and commit on the Hub; of either, which part.

    `path` may be a pattern of files.
    """

    path: Path | None
    hub: str | None = None
    config: str | None = None
    revision: str | None = None
    split: str | None = None

    @property
    def id(self) -> str:
        """The name that a suite of it has: of a file the name without its ending.

        >>> Source(Path("a/dev-v1.1.json")).id, Source(None, "a/b", "c", "0" * 40, "test").id
        ('dev-v1.1', 'a/b:c#test')
        """
        part = f"#{self.split}" if self.split else ""
        if self.path is not None:
            name = self.path.resolve().name
            return f"{name if self.path.is_dir() else _ENDINGS.sub('', name)}{part}"
        return f"{self.hub}{f':{self.config}' if self.config else ''}{part}"

    @property
    def label(self) -> str:
        """The same with what pins it: a file's whole name, a commit. No folders above it."""
        part = f"#{self.split}" if self.split else ""
        if self.path is not None:
            return f"{self.path.resolve().name}{part}"
        config = f":{self.config}" if self.config else ""
        return f"{self.hub}{config}@{self.revision}{part}"

    @property
    def names(self) -> frozenset[str]:
        """Every name by which a roster may say that a model was trained on it.

        A data set's name stands for all its configurations and splits.
        """
        whole = self.hub or (self.path.resolve().name if self.path else "")
        names = {self.id, self.label, whole, _ENDINGS.sub("", whole)}
        for config in {self.config, None}:
            names.add(f"{whole}:{config}" if config else whole)
            if self.split:
                names.add(f"{whole}{f':{config}' if config else ''}#{self.split}")
        return frozenset(names)


def read_source(text: str) -> Source:
    """Return what `data:`, `hub:` or `squad:` names; raise DataError for no path and no commit.

    Nothing is asked of the Hub, and no folder is looked for where a name on the Hub is meant.
    """
    match = hub_name(text)
    if match is None and text.startswith(HUB):
        raise DataError(
            f"--suite {text}: is no name on the Hub, which is {HUB}OWNER/NAME@COMMIT#SPLIT, or "
            f"{HUB}OWNER/NAME:CONFIG@COMMIT#SPLIT"
        )
    if match is None:
        path, split = data_set_path(text)
        files = [path, *map(Path, matching(path))]
        if text in (DATA, SQUAD) or not any(file.exists() for file in files):
            if text != DATA and glob.has_magic(str(path)):
                raise DataError(f"--suite {text}: there is no file that fits the pattern {path}")
            raise DataError(
                f"--suite {text}: there is no such file or folder; a data set on the Hub is named "
                f"{SQUAD if text.startswith(SQUAD) else HUB}OWNER/NAME@COMMIT#SPLIT"
            )
        return Source(path, split=split.removeprefix("#") or None)
    if not is_repository(match["name"]):
        raise DataError(f"--suite {text}: no data set on the Hub can be named {match['name']}")
    if match["revision"] is None or not COMMIT.fullmatch(match["revision"]):
        raise DataError(f"--suite {text}: {_without_commit(text, match)}")
    return Source(None, match["name"], match["config"], match["revision"], match["split"])


def matching(pattern: Path) -> list[str]:
    """Return the files and folders that fit a pattern, in no order."""
    return glob.glob(str(pattern), recursive=True)  # noqa: PTH207  Path.glob takes no absolute one


def no_commit(revision: str) -> str:
    """Return what is wrong with a revision that is no commit."""
    return (
        f"{revision!r} is no commit of 40 digits, so the data could change unseen; take the one "
        "that the Hub shows under Files, History"
    )


def _without_commit(text: str, match: re.Match[str]) -> str:
    """Return what is wrong with a name on the Hub that has no commit, and what may be meant."""
    as_path = f"{SQUAD}./{text.removeprefix(SQUAD)}"
    is_here = text.startswith(SQUAD) and data_set_path(text)[0].exists()
    if match["revision"] is not None:
        hint = f"; what is here is named {as_path}" if is_here else ""
        return f"{no_commit(match['revision'])}{hint}"
    split = f"#{match['split']}" if match["split"] else ""
    pinned = f"{text.removesuffix(split)}@COMMIT{split}"
    if is_here:
        return f"may be a folder here or a data set on the Hub; write {as_path}, or {pinned}"
    if text.startswith(SQUAD):
        return f"there is no such file or folder; a data set on the Hub is named {pinned}"
    return f"lacks the commit, without which the data could change unseen: {pinned}"
