"""Branches, tags and short commits of a roster, written out as the commits that they are.

    harness models --roster FILE --pin

A branch moves, and with it the numbers; so `harness eval` takes commits alone. The file keeps its
comments, its order and its layout: nothing but the revisions changes.
"""

import json
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError, WeightsError
from harness.files import read_toml, write_atomically
from harness.hub import HubUnreachableError, cached_commit, commit_of
from harness.models.roster.roster import JUDGES
from harness.requirements import import_failed
from harness.tables.cells import csv_text
from harness.tables.table import ALWAYS, Column, Lines, Part, Table, TableRow

# How long each column stays where the width is too small for all.
_COLUMNS = (
    Column("model", align="left", names=True),
    Column("table", keep=1, align="left"),
    Column("repository", keep=2, align="left"),
    Column("was", align="left"),
    Column("is now", keep=ALWAYS, align="left"),
    Column("says", keep=0, align="left"),
)
# The tables of an entry that may lead to the Hub.
_TABLES = ("weights", "adapter")
_DEFAULT_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class Pin:
    """A revision that was written out as its commit; `old` is `None` where there was none.

    `from_cache` says that the Hub could not be asked: it is the commit that the revision was when
    it was last downloaded to this disk.
    """

    model: str
    table: str
    repository: str
    old: str | None
    new: str
    from_cache: bool

    def row(self) -> list[str]:
        """Return it as a row of a table: model, table, repository, old, new, who says so."""
        source = "this disk, as last downloaded" if self.from_cache else "the Hub"
        return [self.model, self.table, self.repository, self.old or "", self.new, source]


def pins_parts(pins: Mapping[str, Sequence[Pin]]) -> list[Part]:
    """Return what was written into each roster, by its path."""
    parts: list[Part] = []
    for path, written in pins.items():
        if written:
            rows = tuple(TableRow(tuple(pin.row())) for pin in written)
            parts += [Lines((f"{path}:",)), Table(_COLUMNS, rows)]
        else:
            parts.append(Lines((f"{path}: every revision is a commit already",)))
    return parts


def pins_csv(pins: Mapping[str, Sequence[Pin]]) -> str:
    """Return the same as one table."""
    header = ["roster", "model", "table", "repository", "old", "new", "from_cache"]
    return csv_text(
        header, [[path, *astuple(pin)] for path, written in pins.items() for pin in written]
    )


def pins_json(pins: Mapping[str, Sequence[Pin]]) -> str:
    """Return all facts as JSON, by the rosters' paths."""
    facts = {path: [asdict(pin) for pin in written] for path, written in pins.items()}
    return json.dumps(facts, indent=2)


def pin_roster(path: Path) -> list[Pin]:
    """Write the commit in the place of every other revision of a roster, and return them.

    Nothing is written unless all are known. Raises DataError for what is no TOML, WeightsError for
    a revision that neither the Hub nor this disk knows, UsageError where a package is missing.
    """
    try:
        import huggingface_hub  # noqa: F401 - asks the Hub
        import tomlkit
    except ImportError:
        raise UsageError(import_failed("--pin", "huggingface-hub", "tomlkit")) from None
    read_toml(path)  # what is wrong with it is said as everywhere
    document = tomlkit.parse(path.read_bytes().decode("utf-8-sig"))  # with its line ends
    pins = []
    for model, name, table in _hub_tables(document):
        old = table.get("revision")
        if isinstance(old, str) and re.fullmatch(r"[0-9a-f]{40}", old):
            continue
        repository = str(table["hub"])
        try:
            new, from_cache = _commit(repository, str(old or _DEFAULT_BRANCH))
        except WeightsError as error:
            raise WeightsError(f"{path}: {model}.{name}: {error}") from None
        table["revision"] = new
        pins.append(Pin(model, name, repository, old and str(old), new, from_cache))
    if pins:
        write_atomically(path.resolve(), tomlkit.dumps(document))
    return pins


def _hub_tables(
    document: MutableMapping[str, Any],
) -> Iterator[tuple[str, str, MutableMapping[str, Any]]]:
    """Yield every table of a roster that names a repository, with its model and its key."""
    judges = document.get(JUDGES)
    judges = judges if isinstance(judges, MutableMapping) else {}
    models = [(name, entry) for name, entry in document.items() if name != JUDGES]
    for name, judge in judges.items():
        models.append((f"{JUDGES}.{name}", judge))
        if isinstance(judge, MutableMapping):  # a chat judge's model has the weights
            models.append((f"{JUDGES}.{name}.causal", judge.get("causal")))
    for model, entry in models:
        for name in _TABLES:
            table = entry.get(name) if isinstance(entry, MutableMapping) else None
            if isinstance(table, MutableMapping) and "hub" in table:
                yield model, name, table


def _commit(repository: str, revision: str) -> tuple[str, bool]:
    """Return the commit, and whether it is from this disk since the Hub cannot be asked."""
    try:
        return commit_of(repository, revision), False
    except HubUnreachableError as error:
        commit = cached_commit(repository, revision)
        if commit is None:
            raise WeightsError(
                f"{repository} at {revision}: its commit is not known on this disk, and {error}; "
                "try again with a network, or give the commit"
            ) from None
        return commit, True
