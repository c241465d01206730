"""The keys of a roster, told from the code: every kind's fields with type, default and meaning."""

from collections.abc import Sequence

from harness.models import JUDGE_KINDS, KINDS, model_class
from harness.models.roster.entry_keys import EntryKeys, JudgeKeys
from harness.validation.key_formats import keys_markdown
from harness.validation.key_tables import KeyTable, key_table


def tables(kinds: Sequence[str] = (*KINDS, *JUDGE_KINDS)) -> list[KeyTable]:
    """Return the kinds' tables, and after them the tables that are values of their keys."""
    inner: dict[str, KeyTable] = {}
    kind_tables = [key_table(name, model_class(name), inner) for name in kinds]
    return [*kind_tables, *inner.values()]


def roster_markdown() -> str:
    """Return the tables of every kind as Markdown, with what every entry may have before them."""
    inner: dict[str, KeyTable] = {}
    models, judges = (
        [
            key_table(title, cls, inner),
            *(key_table(name, model_class(name), inner) for name in kinds),
        ]
        for title, cls, kinds in (
            ("every model", EntryKeys, KINDS),
            ("every judge", JudgeKeys, JUDGE_KINDS),
        )
    )
    return keys_markdown([*models, *judges, *inner.values()])
