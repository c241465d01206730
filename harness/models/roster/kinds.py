"""The kinds of model, and the metrics of installed packages: where each comes from."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from harness.environment import installed_version
from harness.models import KINDS, model_class
from harness.own_code.installed import KIND_GROUP, METRIC_GROUP, InstalledCode, installed
from harness.tables.cells import csv_text
from harness.tables.table import ALWAYS, Column, Table, TableRow

_COLUMNS = (
    Column("kind", align="left", names=True),
    Column("is", keep=1, align="left"),
    Column("tasks", keep=2, align="left"),
    Column("from", keep=ALWAYS, align="left"),
    Column("class", keep=0, align="left"),
)


@dataclass(frozen=True, slots=True)
class ListedKind:
    """A kind of model, or a metric of a package: its class, and the package with its version.

    `tasks` is empty where the package was not imported to ask.
    """

    name: str
    is_a: Literal["model", "metric"]
    tasks: Sequence[str]
    package: str
    class_name: str


def listed_kinds() -> list[ListedKind]:
    """Return the kinds of this package, then what others offer; those are not imported."""
    version = installed_version("golden-harness")
    own = f"golden-harness {version}" if version else "golden-harness"
    listed = [ListedKind(name, "model", model_class(name).can, own, KINDS[name]) for name in KINDS]
    groups: tuple[tuple[Literal["model", "metric"], str], ...] = (
        ("model", KIND_GROUP),
        ("metric", METRIC_GROUP),
    )
    for is_a, group in groups:
        for name, entry in installed(group).items():
            if is_a == "metric" or name not in KINDS:
                package = InstalledCode(entry).package
                listed.append(ListedKind(name, is_a, (), package, entry.value))
    return listed


def kinds_table(kinds: Sequence[ListedKind]) -> Table:
    """Return the table of them."""
    rows = (
        (kind.name, kind.is_a, ", ".join(kind.tasks), kind.package, kind.class_name)
        for kind in kinds
    )
    return Table(_COLUMNS, tuple(map(TableRow, rows)))


def kinds_csv(kinds: Sequence[ListedKind]) -> str:
    """Return a line for each."""
    return csv_text(
        ["name", "is_a", "tasks", "package", "class"],
        ([k.name, k.is_a, ", ".join(k.tasks), k.package, k.class_name] for k in kinds),
    )


def kinds_json(kinds: Sequence[ListedKind]) -> str:
    """Return all as JSON text."""
    return json.dumps([asdict(kind) for kind in kinds], indent=2)
