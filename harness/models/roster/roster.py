"""The roster: a TOML file with one table a model, and the models made from it.

    [my-model]
    kind = "seq2seq"
    weights = { hub = "owner/name", revision = "commit" }
    licence = "apache-2.0"

`kind`, `tasks`, `licence` and `trained_on` belong to every entry, the other keys to its kind. A
key that the kind does not know is refused.

`trained_on` names the data sets that the model was trained on, on which it must not be scored: a
name as `--suite` gives it, or with the ids of its questions, which tell it under any name:

    trained_on = ["rajpurkar/squad#train", { name = "new_wiki", ids_sha256 = "01f5..." }]
"""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, StringConstraints, TypeAdapter

from harness.errors import DataError, ModelError, UsageError, did_you_mean
from harness.files import read_toml, shipped_path, validate
from harness.models import KINDS, model_class
from harness.models.checkpoint.weights import HubWeights
from harness.models.model import Model
from harness.models.roster.hub_names import hint
from harness.models.task_prompts import RosterContext
from harness.models.unknown_keys import unknown_key_message
from harness.records import Task
from harness.requirements import Missing

# The rosters that ship, by the names that `--roster` takes.
SHIPPED_ROSTERS = {"shipped": "models.toml", "shipped:hub": "models-hub.toml"}
# The keys that every entry may have: their type, default (`None` if required) and meaning.
ENTRY_KEYS: dict[str, tuple[str, str | None, str]] = {
    "kind": ("text", None, "What kind of model it is: one of those below."),
    "tasks": ("list of texts", "", "Only these of the tasks that it can do."),
    "licence": ("text", "", "The licence of the weights, shown on the leaderboard."),
    "trained_on": (
        "list of texts or tables",
        "",
        "The data sets it was trained on, on which it must not be scored.",
    ),
}


@dataclass(frozen=True)
class TrainedOn:
    """A data set that a model was trained on; see `DataSet` for `ids_sha256`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    ids_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


_TRAINED_ON = TypeAdapter(list[TrainedOn])


@dataclass(frozen=True)
class Entry:
    """One model of a roster: its name, what it may be asked to do, and the model itself.

    `prompt_folders` are those in which prompts are looked for by their names.
    """

    name: str
    kind: str
    tasks: tuple[Task, ...]
    licence: str | None
    model: Model
    trained_on: tuple[TrainedOn, ...] = ()
    prompt_folders: Sequence[Path] = ()


def roster_path(name: str | Path) -> Path:
    """Return the file of a roster: one that ships, by its name, or a path."""
    if name in SHIPPED_ROSTERS:
        return shipped_path(SHIPPED_ROSTERS[str(name)])
    return Path(name).expanduser()


def read_rosters(
    names: Sequence[str | Path] | None = None, prompt_folder: Path | None = None
) -> dict[str, Entry]:
    """Return the entries of the given rosters, or of the one that ships, by name, in order.

    `prompt_folder` is looked in for prompts before the rosters' own folders.
    Raises DataError naming file, model and key for an unknown kind, task or key, a value that
    does not fit, and a name given twice.
    """
    entries: dict[str, Entry] = {}
    if prompt_folder is not None and not prompt_folder.is_dir():
        raise DataError(f"{prompt_folder}: there is no such folder of prompts; check the settings")
    for path in map(roster_path, names or ["shipped"]):
        if not path.is_file():
            raise DataError(
                f"{path}: there is no such roster; --roster takes a TOML file, or "
                f"{' or '.join(SHIPPED_ROSTERS)}"
            )
        folders = _prompt_folders(path, prompt_folder)
        context = RosterContext(path.resolve().parent, folders)
        content = read_toml(path)
        if not content:
            raise DataError(f"{path}: the roster names no model; add one")
        for name, table in content.items():
            if name in entries:
                raise DataError(f"{path}: {name}: another roster has this name; choose another")
            entries[name] = _entry(path, name, table, context)
    return entries


def choose(entries: Mapping[str, Entry], names: Sequence[str] | None) -> list[Entry]:
    """Return the named entries, in the roster's order; all without names.

    A name may be a pattern, such as `lead*`. Raises UsageError for one that no model of the
    rosters fits, with the nearest ones.
    """
    chosen: set[str] = set()
    for name in names if names is not None else ["*"]:
        fitting = [name] if name in entries else fnmatch.filter(entries, name)
        if not fitting:
            raise UsageError(
                f"--models: the roster has no model {name!r}"
                f"{_hub_hint(name, entries) or did_you_mean(name, list(entries))}"
            )
        chosen.update(fitting)
    return [entry for entry in entries.values() if entry.name in chosen]


def refuse_missing(entries: Sequence[Entry]) -> None:
    """Raise ModelError, once, naming all that is not installed and that the entries need."""
    missing, needed_by = Missing(), []
    for entry in entries:
        if entry.model.missing:
            missing |= entry.model.missing
            needed_by.append(entry.name)
    if missing:
        raise ModelError(
            missing.message(", ".join(needed_by), instead="leave them out with --models")
        )


def _hub_hint(name: str, entries: Mapping[str, Entry]) -> str | None:
    """Return where a model is that the rosters do not have; `None` if that is not known."""
    sources = {name: entry.model.checkpoint for name, entry in entries.items()}
    repositories = {
        name: source.hub for name, source in sources.items() if isinstance(source, HubWeights)
    }
    return hint(name, repositories, {shipped: roster_path(shipped) for shipped in SHIPPED_ROSTERS})


def _prompt_folders(roster: Path, first: Path | None) -> list[Path]:
    folders = [roster.resolve().parent / "prompts", shipped_path("prompts").resolve()]
    return list(dict.fromkeys([first.resolve(), *folders] if first else folders))


def _entry(path: Path, name: str, table: object, context: RosterContext) -> Entry:
    if not isinstance(table, dict):
        raise DataError(f"{path}: {name}: must be a table; write [{name}] and its keys below")
    keys = dict(table)
    kind_name = keys.pop("kind", None)
    if kind_name not in KINDS:
        problem = "is missing" if kind_name is None else f"there is no kind {kind_name!r}"
        raise DataError(
            f"{path}: {name}.kind: {problem}{did_you_mean(str(kind_name), list(KINDS))}"
        )
    cls = model_class(kind_name)
    tasks = keys.pop("tasks", None)
    licence = keys.pop("licence", None)
    if licence is not None and not isinstance(licence, str):
        raise DataError(f"{path}: {name}.licence: must be a text")
    data_sets = keys.pop("trained_on", [])
    if isinstance(data_sets, list):
        data_sets = [{"name": item} if isinstance(item, str) else item for item in data_sets]
    trained_on = validate(_TRAINED_ON, data_sets, path, prefix=(name, "trained_on"))
    for key in keys:
        if key not in cls.model_fields:
            raise DataError(
                f"{path}: {name}.{key}: "
                f"{unknown_key_message(key, [*ENTRY_KEYS, *cls.model_fields])}"
            )
    model = validate(TypeAdapter(cls), keys, path, context=context, prefix=(name,))
    allowed = _tasks(path, name, tasks, model)
    return Entry(
        name, kind_name, allowed, licence, model, tuple(trained_on), context.prompt_folders
    )


def _tasks(path: Path, name: str, tasks: object, model: Model) -> tuple[Task, ...]:
    if tasks is None:
        return model.tasks
    if not isinstance(tasks, list) or not tasks or not set(tasks) <= set(model.tasks):
        able = ", ".join(model.tasks)
        raise DataError(f"{path}: {name}.tasks: must be a list of what this model can do: {able}")
    return tuple(task for task in model.tasks if task in tasks)
