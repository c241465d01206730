"""JSON Schemas of the files that people write, from the code, for editors to complete them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from harness.command.settings import KEYS
from harness.files import make_folder, write_atomically
from harness.models import JUDGE_KINDS, KINDS, model_class
from harness.models.roster.entry_keys import EntryKeys, JudgeKeys
from harness.models.roster.roster import JUDGES
from harness.prompting.prompt_file import PromptKeys
from harness.suite.data_set.description import Description
from harness.suite.golden_file import ArticleGolden, EventGolden
from harness.suite.manifest import Manifest

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

# What is at the head of a file, by the schema's name: what a language server of its format reads.
COMMENTS: Mapping[str, str] = {
    "golden": "# yaml-language-server: $schema={path}",
    **dict.fromkeys(("manifest", "data-set", "roster", "prompt", "harness"), "#:schema {path}"),
}


def schemas() -> dict[str, Schema]:
    """Return the schema of each kind of file, by its name.

    A golden is one of an article or of an event, a roster has an entry of a known kind under each
    name; kinds of other packages have any keys.
    """
    return {
        "golden": _either("A golden: goldens/ID.yaml", [_of(ArticleGolden), _of(EventGolden)]),
        "manifest": _headed("The manifest: seeds/manifest.toml", _of(Manifest)),
        "data-set": _headed("A description of a data set", _of(Description)),
        "roster": _roster(),
        "prompt": _headed("A prompt: prompts/NAME.toml", _of(PromptKeys)),
        "harness": _settings(),
    }


def write_schemas(folder: Path) -> list[tuple[Path, str]]:
    """Write them into a folder; return each path with the line that makes an editor use it."""
    make_folder(folder)
    written = []
    for name, schema in schemas().items():
        path = folder / f"{name}.schema.json"
        write_atomically(path, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        written.append((path, COMMENTS[name].format(path=path.as_posix())))
    return written


def _of(cls: type[BaseModel]) -> Schema:
    return cls.model_json_schema(by_alias=True)


def _headed(title: str, schema: Schema) -> Schema:
    return {"$schema": _DRAFT, **schema, "title": title}


def _either(title: str, members: list[Schema]) -> Schema:
    definitions: Schema = {}
    for member in members:
        definitions |= member.pop("$defs", {})
    return {"$schema": _DRAFT, "title": title, "anyOf": members, "$defs": definitions}


def _roster() -> Schema:
    """Return the schema of a roster: under each name the keys of every entry and of its kind."""
    definitions: Schema = {}
    kinds = _kinds(EntryKeys, KINDS, definitions)
    judges = _kinds(JudgeKeys, JUDGE_KINDS, definitions)
    others = {
        "title": "a kind of an installed package",
        "type": "object",
        "properties": {"kind": {"type": "string", "not": {"enum": [*KINDS]}}},
        "required": ["kind"],
    }
    return {
        "$schema": _DRAFT,
        "title": "A roster",
        "type": "object",
        "properties": {JUDGES: {"type": "object", "additionalProperties": {"anyOf": judges}}},
        "additionalProperties": {"anyOf": [*kinds, others]},
        "$defs": definitions,
    }


def _kinds(
    common: type[BaseModel], names: Iterable[str], definitions: dict[str, Any]
) -> list[Schema]:
    """Return the schema of an entry of each kind; what they refer to is added to `definitions`."""
    entry = _of(common)
    definitions |= entry.pop("$defs", {})
    kinds: list[Schema] = []
    for name in names:
        own = _of(model_class(name))
        definitions |= own.pop("$defs", {})
        kinds.append(
            {
                "title": name,
                "description": own.get("description", ""),
                "type": "object",
                "properties": {
                    **entry["properties"],
                    **own.get("properties", {}),
                    "kind": {**entry["properties"]["kind"], "const": name},
                },
                "required": [*entry["required"], *own.get("required", [])],
                "additionalProperties": False,
            }
        )
    return kinds


def _settings() -> Schema:
    properties: Schema = {}
    for key, (meaning, example) in KEYS.items():
        text = {"type": "string", "minLength": 1}
        several = {"type": "array", "items": text, "minItems": 1}
        shape: Schema = {"anyOf": [text, several]} if key == "roster" else dict(text)
        properties[key] = {**shape, "description": f"{meaning}; {example}"}
    return {
        "$schema": _DRAFT,
        "title": "Settings: harness.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
