"""The roster: a TOML file with one table a model, and the models made from it.

    [my-model]
    kind = "seq2seq"
    weights = { hub = "owner/name", revision = "commit" }
    licence = "apache-2.0"

`kind`, `tasks` and `licence` belong to every entry, the other keys to its kind. A key that the
kind does not know is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.errors import DataError, UsageError, nearest
from harness.files import read_toml, validate
from harness.models import KINDS, Model, kind
from harness.models.prompted import Surroundings
from harness.records import Task


@dataclass(frozen=True)
class Entry:
    """One model of a roster: its name, what it may be asked to do, and the model itself.

    `prompts` are the folders in which prompts are looked for by their names.
    """

    name: str
    kind: str
    tasks: tuple[Task, ...]
    licence: str | None
    model: Model
    prompts: Sequence[Path] = ()


def read_rosters(paths: Sequence[Path], shipped_prompts: Path) -> dict[str, Entry]:
    """Return the entries of one or more rosters by name, in order.

    Raises DataError naming file, model and key for an unknown kind, task or key, a value that
    does not fit, and a name given twice.
    """
    entries: dict[str, Entry] = {}
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: there is no such roster; check --roster")
        around = Surroundings(path.resolve().parent, _prompt_folders(path, shipped_prompts))
        content = read_toml(path)
        if not content:
            raise DataError(f"{path}: the roster names no model; add one")
        for name, table in content.items():
            if name in entries:
                raise DataError(f"{path}: {name}: another roster has this name; choose another")
            entries[name] = _entry(path, name, table, around)
    return entries


def choose(entries: Mapping[str, Entry], names: Sequence[str] | None) -> list[Entry]:
    """Return the named entries, in the roster's order; all without names.

    Raises UsageError for a name that the roster does not have, with the nearest ones.
    """
    for name in names or ():
        if name not in entries:
            raise UsageError(
                f"--models: the roster has no model {name!r}{nearest(name, list(entries))}"
            )
    return [entry for entry in entries.values() if names is None or entry.name in names]


def _prompt_folders(roster: Path, shipped_prompts: Path) -> list[Path]:
    own = roster.resolve().parent / "prompts"
    return [own, shipped_prompts] if own != shipped_prompts.resolve() else [own]


def _entry(path: Path, name: str, table: object, around: Surroundings) -> Entry:
    if not isinstance(table, dict):
        raise DataError(f"{path}: {name}: must be a table; write [{name}] and its keys below")
    keys = dict(table)
    kind_name = keys.pop("kind", None)
    if kind_name not in KINDS:
        given = "is missing" if kind_name is None else f"there is no kind {kind_name!r}"
        raise DataError(f"{path}: {name}.kind: {given}{nearest(str(kind_name), list(KINDS))}")
    made = kind(kind_name)
    tasks = keys.pop("tasks", None)
    licence = keys.pop("licence", None)
    if licence is not None and not isinstance(licence, str):
        raise DataError(f"{path}: {name}.licence: must be a text")
    model = validate(TypeAdapter(made), keys, path, context=around, at=(name,))
    able = _tasks(path, name, tasks, model)
    return Entry(name, kind_name, able, licence, model, around.prompts)


def _tasks(path: Path, name: str, tasks: object, model: Model) -> tuple[Task, ...]:
    if tasks is None:
        return model.tasks
    if not isinstance(tasks, list) or not tasks or not set(tasks) <= set(model.tasks):
        able = ", ".join(model.tasks)
        raise DataError(f"{path}: {name}.tasks: must be a list of what this model can do: {able}")
    return tuple(task for task in model.tasks if task in tasks)
