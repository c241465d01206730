import pytest

from harness.suite.data_set.description import ColumnKeys, Description
from harness.suite.golden_file import ArticleGolden, ArticleQuestion, EventGolden, EventQuestion
from harness.suite.keys import data_tables, golden_tables, manifest_tables, suite_markdown
from harness.suite.manifest import Manifest, ManifestEntry
from harness.suite.metric_keys import MetricKeys
from harness.validation.key_tables import KeyTable

MODELS = [
    Manifest, ManifestEntry, MetricKeys, ArticleGolden, ArticleQuestion, EventGolden, EventQuestion,
    Description, ColumnKeys,
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "model"),
    list(zip([*manifest_tables(), *golden_tables(), *data_tables()], MODELS, strict=True)),
    ids=lambda value: value.name if isinstance(value, KeyTable) else "",
)
def test_every_key_is_told_with_its_meaning(table: KeyTable, model: type) -> None:
    fields = model.model_fields.items()  # type: ignore[attr-defined]
    assert {key.name for key in table.keys} == {field.alias or name for name, field in fields}
    assert table.description
    for key in table.keys:
        assert key.description.endswith("."), f"{table.name}: {key.name} needs a docstring"


def test_the_page_says_type_default_and_meaning() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in suite_markdown().splitlines()
        if line.startswith("|")
    ]
    assert ["`id`", "id", "required", "Its name, once in the file."] in rows
    assert [
        "`language`",
        "language",
        "",
        "The language of the text, by its code; the suite's if not given.",
    ] in rows
    assert [
        "`references`",
        "list of texts",
        "[]",
        "Summaries that people wrote, each on its own.",
    ] in rows
    types = {row[0]: row[1] for row in rows}
    assert types["`words`"] == "list of two whole numbers"
    assert types["`allowed`"] == "table of texts by finding"
    assert types["`version`"] == "whole number from 1"
    assert types["`primary`"] == "table of texts by task"
    assert suite_markdown().count("\n## ") == 8  # and one at its beginning
