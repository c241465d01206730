"""The schemas take every file that ships, and refuse a key that there is not.

By the package jsonschema, draft 2020-12.
"""

import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from harness.check.schemas import COMMENTS, schemas, write_schemas
from harness.cli import main
from harness.files import package_path, shipped_path

SCHEMAS = schemas()
DEMO = package_path("demo")
FILES = [
    *(("golden", path) for path in sorted((DEMO / "goldens").glob("*.yaml"))),
    ("manifest", DEMO / "seeds" / "manifest.toml"),
    ("roster", shipped_path("models.toml")),
    ("roster", shipped_path("models-hub.toml")),
    *(("prompt", path) for path in sorted(shipped_path("prompts").glob("*.toml"))),
]


def _content(path: Path) -> Any:
    """Return what an editor's language server sees: dates are texts to it."""
    text = path.read_text(encoding="utf-8")
    content = yaml.safe_load(text) if path.suffix == ".yaml" else tomllib.loads(text)
    return json.loads(json.dumps(content, default=datetime.date.isoformat))


@pytest.mark.parametrize(
    ("kind", "path"), FILES, ids=lambda value: str(getattr(value, "name", value))
)
def test_what_ships_is_as_its_schema_says(kind: str, path: Path) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS[kind])
    content = _content(path)
    validator.validate(content)
    first = next(iter(content))
    if kind == "roster":
        content[first]["colour"] = 1
    else:
        content["colour"] = 1
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(content)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    ("kind", "content", "sound"),
    [
        ("harness", {"suite": "a", "roster": ["b", "shipped"]}, True),
        ("harness", {"rosters": "a"}, False),
        ("data-set", {"data": "a.jsonl", "columns": {"reference": "b"}}, True),
        ("data-set", {"data": "a.jsonl", "columns": {"reference": 3}}, False),
        ("manifest", {"article": [{"id": "a", "file": "a"}], "metrics": ["chrf"]}, True),
        (
            "manifest",
            {"article": [{"id": "a", "file": "a"}], "metrics": {"b": {"file": "b", "class": "C"}}},
            True,
        ),
        ("manifest", {"article": [{"id": "a", "file": "a"}], "metrics": ["chr"]}, False),
        ("roster", {"m": {"kind": "python", "file": "m.py", "class": "M"}}, True),
        ("roster", {"m": {"kind": "python", "file": "m.py"}}, False),
        ("roster", {"m": {"kind": "of-a-package", "any": 1}}, True),
        ("roster", {"m": {"kind": "lead", "trained_on": ["a"], "sentences": 2}}, True),
        ("roster", {"m": {"kind": "lead", "sentences": 0}}, False),
    ],
)
def test_they_take_what_the_readers_take(kind: str, content: object, sound: bool) -> None:
    assert jsonschema.Draft202012Validator(SCHEMAS[kind]).is_valid(content) is sound


def test_they_are_written_with_the_line_for_an_editor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--schemas", str(tmp_path), "--suite", "demo", "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {Path(line["path"]).name for line in told} == {
        f"{name}.schema.json" for name in COMMENTS
    }
    lines = {Path(line["path"]).name: line["line"] for line in told}
    path = tmp_path / "golden.schema.json"
    assert lines[path.name] == f"# yaml-language-server: $schema={path}"
    assert json.loads(path.read_text("utf-8")) == SCHEMAS["golden"]
    assert len(write_schemas(tmp_path)) == len(SCHEMAS)
