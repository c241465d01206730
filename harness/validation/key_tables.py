"""The keys of a file that people write, told from the code: each with type, default and meaning."""

import datetime
import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.records import Task
from harness.validation.attribute_texts import attribute_texts
from harness.validation.wording import Words, written

_NAMES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime.date: "date",
    Path: "path",
    Any: "value",
}
_LIMITS: dict[type, tuple[str, str]] = {
    annotated_types.Ge: ("ge", "from {:g}"),
    annotated_types.Gt: ("gt", "above {:g}"),
    annotated_types.Le: ("le", "to {:g}"),
    annotated_types.Lt: ("lt", "below {:g}"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table; `default` is `None` for a key that must be given."""

    name: str
    type: str
    default: str | None
    description: str


@dataclass(frozen=True, slots=True)
class KeyTable:
    """A table of a file: what it is for, and its keys."""

    name: str
    description: str
    keys: tuple[Key, ...]


def key_table(
    name: str, cls: type[BaseModel], inner: dict[str, KeyTable] | None = None, *, toml: bool = True
) -> KeyTable:
    """Return the table of a model's fields; tables that are values of its keys go into `inner`."""
    texts = attribute_texts(cls)
    text = inspect.cleandoc(cls.__doc__ or "").replace("\n", " ").split("  ")[0]
    keys = tuple(
        Key(
            field.alias or key,
            _type_text(field.annotation, field.metadata, key, {} if inner is None else inner),
            _default(field, toml=toml),
            " ".join(texts.get(key, "").split()),
        )
        for key, field in cls.model_fields.items()
    )
    return KeyTable(name, text, keys)


def _default(field: FieldInfo, *, toml: bool) -> str | None:
    if field.is_required():
        return None
    return "" if field.default is None else written(field.default, toml=toml)


def _type_text(
    annotation: Any, metadata: Sequence[Any], name: str, inner: dict[str, KeyTable]
) -> str:
    """Return a type in words; tables that it names are put into `inner`."""
    for extra in metadata:
        if isinstance(extra, Words):
            return extra.name
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
        return " or ".join(written(value) for value in arguments)
    if origin in (tuple, list, Sequence):
        return f"list of {_plural(_type_text(arguments[0], (), name, inner))}"
    if origin in (dict, Mapping):
        key = "task" if arguments[0] == Task else _type_text(arguments[0], (), name, inner)
        return f"table of {_plural(_type_text(arguments[1], (), name, inner))} by {key}"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        heading = f"{name} = {{ {', '.join(f'{key} = …' for key in _key_names(annotation))} }}"
        if heading not in inner:
            inner[heading] = key_table(heading, annotation, inner)
        return "table"
    limits = [
        text.format(getattr(constraint, attribute))
        for constraint in metadata
        for constraint_type, (attribute, text) in _LIMITS.items()
        if isinstance(constraint, constraint_type)
    ]
    return " ".join([_NAMES[annotation], *limits])


def _key_names(cls: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in cls.model_fields.items()]


def _plural(type_text: str) -> str:
    return type_text if type_text.endswith('"') else f"{type_text}s"
