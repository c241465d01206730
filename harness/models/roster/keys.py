"""The keys of a roster, told from the code: every kind's fields with type, default and meaning."""

from collections.abc import Sequence
from pathlib import Path

from harness.models import KINDS, model_class
from harness.models.roster.entry_keys import EntryKeys
from harness.validation.key_formats import keys_markdown
from harness.validation.key_tables import KeyTable, key_table

ROSTER_MD = Path(__file__).parent / "ROSTER.md"

_INTRODUCTION = """\
# The keys of a roster

A roster is a TOML file with one table a model. A key that its kind does not know is refused.
Written by `make roster` from the code; `harness models --keys KIND` prints the same of one kind.
"""


def tables(kinds: Sequence[str] = tuple(KINDS)) -> list[KeyTable]:
    """Return the kinds' tables, and after them the tables that are values of their keys."""
    inner: dict[str, KeyTable] = {}
    kind_tables = [key_table(name, model_class(name), inner) for name in kinds]
    return [*kind_tables, *inner.values()]


def roster_markdown() -> str:
    """Return ROSTER.md."""
    inner: dict[str, KeyTable] = {}
    common = key_table("every model", EntryKeys, inner)
    all_tables = [common, *tables(), *inner.values()]
    return f"{_INTRODUCTION}\n{keys_markdown(all_tables)}"
