"""The models of a roster as a person reads them, and as machines do."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from harness.models.roster.roster import Entry
from harness.tables.cells import csv_text
from harness.tables.table import ALWAYS, Column, Note, Notes, Part, Table, TableRow


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model: what it is, what it can do, and whether its weights are on this machine.

    `runs` are the files of Python, of no package, that it runs.
    """

    model: str
    kind: str
    tasks: Sequence[str]
    weights: str | None
    network: str | None
    licence: str | None
    trained_on: Sequence[str]
    bytes: int | None
    present: bool
    runs: Sequence[str] = ()


# The columns, and how long each stays where the width is too small for all.
_COLUMNS = (
    Column("model", align="left", names=True),
    Column("kind", keep=2, align="left"),
    Column("tasks", align="left"),
    Column("weights", keep=0, align="left"),
    Column("licence", keep=1, align="left"),
    Column("size", keep=3),
    Column("present", keep=ALWAYS, align="left"),
)


def listed_models(entries: Sequence[Entry], *, judges: bool = False) -> list[ListedModel]:
    """Return models as they are listed, or judges; looks for their weights on the disk."""
    models = []
    for entry in entries:
        weights = entry.model.checkpoint
        size = weights.size() if weights else None
        models.append(
            ListedModel(
                model=entry.name,
                kind=entry.kind,
                tasks=("judge",) if judges else entry.tasks,
                weights=weights.label if weights else None,
                network=entry.model.network,
                licence=entry.licence,
                trained_on=[data_set.name for data_set in entry.trained_on],
                bytes=size,
                present=weights is None or size is not None,
                runs=[path.name for path in entry.model.own_files],
            )
        )
    return models


def models_table(models: Sequence[ListedModel]) -> Table:
    """Return the table of the models."""
    return Table(
        _COLUMNS,
        tuple(
            TableRow(
                (
                    model.model,
                    model.kind,
                    ", ".join(model.tasks),
                    model.weights or ("served" if model.network else "none"),
                    model.licence or "",
                    f"{model.bytes / 1e6:.0f} MB" if model.bytes else "",
                    "yes" if model.present else "no",
                )
            )
            for model in models
        ),
    )


def models_parts(models: Sequence[ListedModel], *, imported: bool = False) -> list[Part]:
    """Return the table, and which files of Python the models run; `imported` if that was done."""
    done = "which was done" if imported else "which was not done to list them: --allow-code does it"
    notes = [
        Note(f"{model.model} runs the program {', '.join(model.runs)}, {done}.")
        for model in models
        if model.runs
    ]
    return [models_table(models), *([Notes(tuple(notes))] if notes else [])]


def models_csv(models: Sequence[ListedModel]) -> str:
    """Return a line for each model."""
    return csv_text(
        ["model", "kind", "tasks", "weights", "network", "licence", "trained_on", "bytes",
         "present", "runs"],
        ([model.model, model.kind, ", ".join(model.tasks), model.weights, model.network,
          model.licence, ", ".join(model.trained_on), model.bytes, model.present,
          ", ".join(model.runs)]
         for model in models),
    )  # fmt: skip


def models_json(models: Sequence[ListedModel]) -> str:
    """Return all as JSON text."""
    return json.dumps([asdict(model) for model in models], indent=2)
