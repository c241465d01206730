"""The keys of a manifest and of the goldens, told from the code."""

from dataclasses import replace

from pydantic import BaseModel

from harness.suite.data_set.description import ColumnKeys, Description
from harness.suite.golden_file import ArticleGolden, ArticleQuestion, EventGolden, EventQuestion
from harness.suite.manifest import Manifest, ManifestEntry
from harness.suite.metric_keys import MetricKeys
from harness.validation.key_formats import keys_markdown
from harness.validation.key_tables import KeyTable, key_table

# What a golden and its questions begin with.
_FIRST = ("article", "event", "id")


def manifest_tables() -> list[KeyTable]:
    """Return the tables of `seeds/manifest.toml`."""
    return [
        key_table("The manifest: seeds/manifest.toml", Manifest),
        key_table("An [[article]] of the manifest", ManifestEntry),
        key_table("A [metrics.NAME] of a manifest or description", MetricKeys),
    ]


def golden_tables() -> list[KeyTable]:
    """Return the tables of the files in `goldens/`."""
    return [
        _golden_table("A golden of an article: goldens/ID.yaml", ArticleGolden),
        _golden_table("A question on an article", ArticleQuestion),
        _golden_table("A golden of an event", EventGolden),
        _golden_table("A question on an event", EventQuestion),
    ]


def data_tables() -> list[KeyTable]:
    """Return the tables of a file that describes a data set."""
    return [
        key_table("A description of a data set: FILE.toml", Description),
        key_table("The [columns] of a description", ColumnKeys),
    ]


def suite_markdown() -> str:
    """Return all of them as Markdown: a heading and a table each."""
    return keys_markdown([*manifest_tables(), *golden_tables(), *data_tables()])


def _golden_table(name: str, cls: type[BaseModel]) -> KeyTable:
    table = key_table(name, cls, toml=False)
    keys = sorted(table.keys, key=lambda key: key.name not in _FIRST)
    return replace(table, keys=tuple(keys))
