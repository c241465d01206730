"""What an export wrote, which rows it is of, and what the format has no room for."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.command.locations import is_on_hub
from harness.errors import UsageError, did_you_mean
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.run_folder import Run
from harness.tables.cells import csv_text
from harness.tables.table import Lines, Note, Notes, Part

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and what a reader of them should know that they do not say."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]

    def parts(self) -> list[Part]:
        """Return it as text."""
        notes = tuple(Note(note) for note in self.notes)
        return [Lines(tuple(map(str, self.paths))), *([Notes(notes)] if notes else [])]

    def csv(self) -> str:
        """Return a line for each file."""
        return csv_text(["path"], [[path] for path in self.paths])

    def json(self) -> str:
        """Return all as JSON text."""
        return json.dumps(asdict(self) | {"paths": [*map(str, self.paths)]}, indent=2)


@dataclass(frozen=True, slots=True)
class ModelName:
    """Whose model a row is of: of one on the Hub its owner and name there, and the commit."""

    developer: str
    name: str
    revision: str | None

    @property
    def id(self) -> str:
        """How the field names it."""
        return f"{self.developer}/{self.name}"


def model_rows(run: Run, names: Sequence[str] | None) -> list[Row]:
    """Return the rows of the models, or of those that are named, floors too; raise UsageError."""
    known = list(dict.fromkeys(row.model for row in run.board.rows if row.role != "people"))
    for name in names or ():
        if name not in known:
            raise UsageError(f"--models: the run has no row {name!r}{did_you_mean(name, known)}")
    chosen = names or [row.model for row in run.board.rows if row.role == "model"]
    if not chosen:
        raise UsageError(
            f"{run.folder}: has rows of floors alone; name what to export with --models, of "
            f"{', '.join(known)}"
        )
    return [row for row in run.board.rows if row.model in chosen and row.role != "people"]


def model_name(row: Row) -> ModelName:
    """Return whose model a row is of; one that is not on the Hub is of nobody, `local`."""
    weights = row.weights or {}
    hub = weights.get("hub")
    if isinstance(hub, str) and "/" in hub:
        owner, _, name = hub.partition("/")
        revision = weights.get("revision")
        return ModelName(slug(owner), slug(name), str(revision) if revision else None)
    return ModelName("local", slug(row.model), None)


def hub_data_set(run: Run) -> str | None:
    """Return the name of the suite's data set on the Hub, `None` where it is not there."""
    prefix, _, rest = (run.board.suite.location or "").partition(":")
    name = rest.partition("@")[0].partition(":")[0].partition("#")[0]
    on_hub = is_on_hub(run.board.suite.location or "")
    return name if on_hub and prefix in ("hub", "squad") and "/" in name else None


def slug(text: str) -> str:
    """Return a name as a part of a path.

    >>> slug("my model [brief]")
    'my-model-brief'
    """
    return _UNSAFE.sub("-", text).strip("-.") or "unnamed"


def failure_notes(rows: Sequence[Row]) -> list[str]:
    """Return a line for each row of which predictions failed."""
    return [
        f"{row.model} {row.task}: {row.counts.error} of {row.counts.expected} predictions failed; "
        "they are in no mean and have no line, and the file counts them"
        for row in rows
        if row.counts.error
    ]
