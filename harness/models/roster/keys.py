"""The keys of a roster, told from the code: every kind's fields with type, default and meaning."""

import inspect
import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.models import KINDS, model_class
from harness.models.roster.roster import ENTRY_KEYS
from harness.prompting.prompts import Prompt
from harness.tables.cells import csv_text
from harness.tables.markdown import markdown_table
from harness.tables.table import Column, Lines, Note, Notes, Part

ROSTER_MD = Path(__file__).parent / "ROSTER.md"

_WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
_LIMITS: dict[type, tuple[str, str]] = {
    annotated_types.Ge: ("ge", "from {:g}"),
    annotated_types.Gt: ("gt", "above {:g}"),
    annotated_types.Le: ("le", "to {:g}"),
    annotated_types.Lt: ("lt", "below {:g}"),
}

_INTRODUCTION = """\
# The keys of a roster

A roster is a TOML file with one table a model. A key that its kind does not know is refused.
Written by `make roster` from the code; `harness models --keys KIND` prints the same of one kind.
"""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table; `default` is `None` for a key that must be given."""

    name: str
    type: str
    default: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a roster: what it is for, and its keys."""

    name: str
    description: str
    keys: tuple[Key, ...]


def tables(kinds: Sequence[str] = tuple(KINDS)) -> list[Table]:
    """Return the kinds' tables, and after them the tables that are values of their keys."""
    inner: dict[str, Table] = {}
    kind_tables = [_table(name, model_class(name), inner) for name in kinds]
    return [*kind_tables, *inner.values()]


def roster_markdown() -> str:
    """Return ROSTER.md."""
    common = Table(
        "every model", "", tuple(Key(name, *entry) for name, entry in ENTRY_KEYS.items())
    )
    parts = [_INTRODUCTION, *(table_markdown(table) for table in [common, *tables()])]
    return "\n".join(parts)


def table_markdown(table: Table) -> str:
    """Return a table of the page: a heading, what it is for, and its keys."""
    rows = [
        [
            f"`{key.name}`",
            key.type,
            "required" if key.default is None else key.default,
            key.description,
        ]
        for key in table.keys
    ]
    header = [Column(name, align="left") for name in ("key", "type", "default", "meaning")]
    key_table = markdown_table(header, rows) if rows else ""
    sections = [f"## {table.name}", table.description, key_table or "It has no keys of its own."]
    return "\n\n".join(section for section in sections if section) + "\n"


def keys_parts(key_tables: Sequence[Table]) -> list[Part]:
    """Return the tables to be read on a terminal: a key with its type, and its meaning below it."""
    parts: list[Part] = []
    for table in key_tables:
        parts += [Lines((table.name,)), *([Notes((Note(table.description),))])]
        width = max((len(key.name) for key in table.keys), default=0)
        parts += [
            Notes(
                (
                    Note(f"  {key.name:{width}}  {key.type}, {_default_text(key)}", hang=width + 2),
                    Note(f"  {'':{width}}  {key.description}"),
                )
            )
            for key in table.keys
        ]
    return parts


def keys_csv(key_tables: Sequence[Table]) -> str:
    """Return a line for each key."""
    return csv_text(
        ["table", "key", "type", "required", "default", "meaning"],
        (
            [table.name, key.name, key.type, key.default is None, key.default, key.description]
            for table in key_tables
            for key in table.keys
        ),
    )


def keys_json(key_tables: Sequence[Table]) -> str:
    """Return all as JSON text."""
    return json.dumps([asdict(table) for table in key_tables], indent=2)


def _default_text(key: Key) -> str:
    if key.default is None:
        return "required"
    return f"default {key.default}" if key.default else "optional"


def _table(name: str, cls: type[BaseModel], inner: dict[str, Table]) -> Table:
    text = inspect.cleandoc(cls.__doc__ or "").replace("\n", " ").split("  ")[0]
    keys = tuple(_key(key, field, inner) for key, field in cls.model_fields.items())
    return Table(name, text, keys)


def _key(name: str, field: FieldInfo, inner: dict[str, Table]) -> Key:
    type_text = _type_text(field.annotation, field.metadata, name, inner)
    default = None if field.is_required() else _value(field.default)
    return Key(name, type_text, default, " ".join((field.description or "").split()))


def _value(default: Any) -> str:
    """Return a default as it would be written in TOML, "" for none."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, str):
        return f'"{default}"'
    if isinstance(default, Mapping):
        pairs = ", ".join(f"{name} = {_value(value)}" for name, value in default.items())
        return f"{{ {pairs} }}" if pairs else "{ }"
    if isinstance(default, Sequence):
        return f"[{', '.join(map(_value, default))}]"
    return f"{default:g}"


def _type_text(annotation: Any, metadata: Sequence[Any], name: str, inner: dict[str, Table]) -> str:
    """Return a type in words; tables that it names are put into `inner`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        constraints = [
            constraint
            for extra in arguments[1:]
            for constraint in (extra.metadata if isinstance(extra, FieldInfo) else [extra])
        ]
        return _type_text(arguments[0], [*metadata, *constraints], name, inner)
    if origin in (typing.Union, types.UnionType):
        members = [member for member in arguments if member is not types.NoneType]
        type_texts = [_type_text(member, metadata, name, inner) for member in members]
        return " or ".join(dict.fromkeys(type_texts))
    if origin is Literal:
        return " or ".join(_value(value) for value in arguments)
    if origin in (tuple, list, Sequence):
        return f"list of {_type_text(arguments[0], (), name, inner)}"
    if origin in (dict, Mapping):
        texts = arguments[1] in (str, Prompt)
        return "table of texts by task" if texts else "table"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        heading = f"{name} = {{ {', '.join(f'{key} = …' for key in annotation.model_fields)} }}"
        if heading not in inner:
            inner[heading] = _table(heading, annotation, inner)
        return "table"
    words = _WORDS[annotation]
    limits = [
        text.format(getattr(constraint, attribute))
        for constraint in metadata
        for constraint_type, (attribute, text) in _LIMITS.items()
        if isinstance(constraint, constraint_type)
    ]
    return " ".join([words, *limits])
