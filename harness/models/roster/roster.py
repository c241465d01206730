"""The roster: a TOML file with one table a model, and the models made from it.

    [my-model]
    kind = "seq2seq"
    weights = { hub = "owner/name", revision = "commit" }
    licence = "apache-2.0"

`kind`, `tasks`, `licence`, `trained_on` and `resources` belong to every entry, the other keys to
its kind. A key that the kind does not know is refused. `[judges.NAME]` is a judge: no model of a
run, but asked about the texts of all.

`trained_on` names the data sets that the model was trained on, on which it must not be scored: a
name as `--suite` gives it, or with the ids of its questions, which tell it under any name:

    trained_on = ["rajpurkar/squad#train", { name = "new_wiki", ids_sha256 = "01f5..." }]
"""

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.errors import DataError, ModelError, Problem, Problems, UsageError, did_you_mean
from harness.files import Location, read_toml_with_lines, refuse_no_file, shipped_path
from harness.models import JUDGE_KINDS, KINDS, is_kind
from harness.models.checkpoint.weights import HubWeights
from harness.models.model import Model
from harness.models.roster.entry_keys import EntryKeys, JudgeKeys, Resources, TrainedOn
from harness.models.roster.hub_names import hint
from harness.models.roster.parsed_table import parsed_table
from harness.models.task_prompts import RosterContext
from harness.progress import note
from harness.records import Task
from harness.requirements import Missing
from harness.validation.validation import nearest_line

# The rosters that ship, by the names that `--roster` takes.
SHIPPED_ROSTERS = {"shipped": "models.toml", "shipped:hub": "models-hub.toml"}

# The table of a roster that holds the judges.
JUDGES = "judges"

_ENTRY_KEYS = TypeAdapter(EntryKeys)
_JUDGE_KEYS = TypeAdapter(JudgeKeys)


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
    resources: Resources | None = None


def roster_path(name: str | Path) -> Path:
    """Return the file of a roster: one that ships, by its name, or a path."""
    if name in SHIPPED_ROSTERS:
        return shipped_path(SHIPPED_ROSTERS[str(name)])
    return Path(name).expanduser()


def read_rosters(
    names: Sequence[str | Path] | None = None, prompt_folder: Path | None = None
) -> dict[str, Entry]:
    """Return the models of the given rosters, or of the one that ships, by name, in order.

    `prompt_folder` is looked in for prompts before the rosters' own folders.
    Raises DataError with all that is wrong with them: an unknown kind, task or key, a value that
    does not fit, a name given twice.
    """
    return _read(names, prompt_folder).models


def read_judges(
    names: Sequence[str | Path] | None = None, prompt_folder: Path | None = None
) -> dict[str, Entry]:
    """Return the judges of the given rosters, their [judges.NAME], as `read_rosters` does."""
    return _read(names, prompt_folder).judges


@dataclass(frozen=True)
class _Roster:
    """What rosters name, by name and in order."""

    models: dict[str, Entry]
    judges: dict[str, Entry]


def _read(names: Sequence[str | Path] | None, prompt_folder: Path | None) -> _Roster:
    together = _Roster({}, {})
    problems = Problems()
    if prompt_folder is not None and not prompt_folder.is_dir():
        message = "there is no such folder of prompts; check the settings"
        raise DataError(Problem(prompt_folder, message))
    for path in map(roster_path, names or ["shipped"]):
        with problems.collected():
            roster = _read_roster(path, prompt_folder)
            for entries, own, prefix in (
                (together.models, roster.models, ""),
                (together.judges, roster.judges, f"{JUDGES}."),
            ):
                for name, entry in own.items():
                    if name in entries:
                        message = "another roster has this name; choose another"
                        problems.append(Problem(path, message, f"{prefix}{name}"))
                    entries[name] = entry
    problems.raise_any()
    return together


def _read_roster(path: Path, prompt_folder: Path | None) -> _Roster:
    if path.exists():
        refuse_no_file(path)
    if not path.is_file():
        message = (
            "there is no such roster; --roster takes a TOML file, or "
            f"{' or '.join(SHIPPED_ROSTERS)}"
        )
        raise DataError(Problem(path, message))
    context = RosterContext(path.resolve().parent, _prompt_folders(path, prompt_folder))
    content, lines = read_toml_with_lines(path)
    if not content:
        raise DataError(Problem(path, "the roster names no model; add one"))
    roster = _Roster({}, {})
    problems = Problems()
    judges = content.pop(JUDGES, {})
    if not isinstance(judges, dict) or "kind" in judges:
        message = f"is where judges stand; write [{JUDGES}.NAME] and a judge's keys below"
        problems.append(Problem(path, message, JUDGES, nearest_line((JUDGES,), lines)))
        judges = {}
    for name, table in content.items():
        with problems.collected():
            roster.models[name] = _entry(path, lines, (name,), table, context)
    for name, table in judges.items():
        with problems.collected():
            roster.judges[name] = _judge(path, lines, name, table, context)
    problems.raise_any()
    return roster


def unnamed_entry(label: str, weights: Mapping[str, object]) -> Entry:
    """Return the entry of an encoder that no roster has, with the keys of its weights.

    Raises DataError, calling it `label`, for weights that cannot be.
    """
    table = {"kind": "embedding-lexrank", "weights": weights}
    return _entry(Path(label), {}, ("encoder",), table, RosterContext(Path(), ()))


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


def refuse_missing(entries: Sequence[Entry], instead: str = "leave them out with --models") -> None:
    """Raise ModelError, once, naming all that is not installed and that the entries need.

    `instead` is what else can be done.
    """
    missing, needed_by = Missing(), []
    for entry in entries:
        if entry.model.missing:
            missing |= entry.model.missing
            needed_by.append(entry.name)
    if missing:
        raise ModelError(missing.message(", ".join(needed_by), instead=instead))


def note_network(entries: Sequence[Entry]) -> None:
    """Say on stderr, a line a model, what each sends or fetches over the network, and where."""
    for entry in entries:
        if entry.model.network:
            note(f"{entry.name} {entry.model.network}")


def import_code(entries: Sequence[Entry]) -> None:
    """Run the files of Python that entries name; raise ModelError for one that cannot be used."""
    for entry in entries:
        try:
            entry.model.import_code()
        except ModelError as error:
            raise ModelError(f"{entry.name}: {error}") from None


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


def _entry(
    path: Path,
    lines: Mapping[Location, int],
    prefix: Location,
    table: object,
    context: RosterContext,
) -> Entry:
    name = str(prefix[-1])
    keys, model = parsed_table(path, lines, prefix, table, context, _ENTRY_KEYS, KINDS, is_kind)
    able = model.tasks
    if keys.tasks is not None and not set(keys.tasks) <= set(able):
        message = f"must be a list of what this model can do: {', '.join(able)}"
        line = nearest_line((name, "tasks"), lines)
        raise DataError(Problem(path, message, f"{name}.tasks", line))
    return Entry(
        name,
        keys.kind,
        able if keys.tasks is None else tuple(task for task in able if task in keys.tasks),
        keys.licence,
        model,
        tuple(keys.trained_on),
        context.prompt_folders,
        keys.resources,
    )


def _is_judge_kind(name: object) -> bool:
    return isinstance(name, str) and name in JUDGE_KINDS


def _judge(
    path: Path, lines: Mapping[Location, int], name: str, table: object, context: RosterContext
) -> Entry:
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
        message = "a judge's name is letters, digits, dots, - and _, since measures are named by it"
        raise DataError(
            Problem(path, message, f"{JUDGES}.{name}", nearest_line((JUDGES, name), lines))
        )
    prefix = (JUDGES, name)
    keys, model = parsed_table(
        path, lines, prefix, table, context, _JUDGE_KEYS, JUDGE_KINDS, _is_judge_kind
    )
    return Entry(
        name,
        keys.kind,
        model.tasks,
        keys.licence,
        model,
        tuple(keys.trained_on),
        context.prompt_folders,
    )
