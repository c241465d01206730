"""How a data set is named on the command line, and where that says it is.

    squad:dev-v2.0.json                                a file, as SQuAD is published
    squad:questions.parquet                            a table with a question a row
    squad:./FOLDER#validation                          a folder laid out as on the Hub
    squad:OWNER/NAME@COMMIT#validation                 a data set on the Hub
    squad:OWNER/NAME:CONFIG@COMMIT#test                one of its configurations

`#SPLIT` may be left out where there is one split. What is called OWNER/NAME is on the Hub, and a
folder of that name is written ./OWNER/NAME.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from harness.command.locations import DATA_SET, data_set_path, hub_name
from harness.errors import DataError

_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder, or a data set's name and commit on the Hub; of either, which part."""

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
            name = self.path.resolve().name if self.path.is_dir() else self.path.stem
            return f"{name}{part}"
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
        names = {self.id, self.label, whole, whole.removesuffix(".json")}
        for config in {self.config, None}:
            names.add(f"{whole}:{config}" if config else whole)
            if self.split:
                names.add(f"{whole}{f':{config}' if config else ''}#{self.split}")
        return frozenset(names)


def read_source(text: str) -> Source:
    """Return what `squad:...` names; raise DataError for what is no path here and no commit.

    Nothing is asked of the Hub, and no folder is looked for where a name on the Hub is meant.
    """
    match = hub_name(text)
    if match is None:
        path, split = data_set_path(text)
        if text == DATA_SET or not path.exists():
            raise DataError(
                f"--suite {text}: there is no such file or folder; a data set on the Hub is named "
                f"{DATA_SET}OWNER/NAME@COMMIT#SPLIT"
            )
        return Source(path, split=split.removeprefix("#") or None)
    as_path = f"{DATA_SET}./{text.removeprefix(DATA_SET)}"
    is_here = data_set_path(text)[0].exists()
    if match["revision"] is None:
        split = f"#{match['split']}" if match["split"] else ""
        pinned = f"{text.removesuffix(split)}@COMMIT{split}"
        raise DataError(
            f"--suite {text}: may be a folder here or a data set on the Hub; write {as_path}, or "
            f"{pinned}"
            if is_here
            else f"--suite {text}: there is no such file or folder; a data set on the Hub is named "
            f"{pinned}"
        )
    if not _COMMIT.fullmatch(match["revision"]):
        hint = f"; what is here is named {as_path}" if is_here else ""
        raise DataError(
            f"--suite {text}: {match['revision']!r} is no commit of 40 digits, so the data could "
            f"change unseen; take the one that the Hub shows under Files, History{hint}"
        )
    return Source(None, match["name"], match["config"], match["revision"], match["split"])
