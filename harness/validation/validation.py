"""What a person wrote, held against the type that it must have: all that is wrong, at once."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import CoreSchema, ErrorDetails

from harness.errors import DataError, Problem, Problems
from harness.files import Location, field_path
from harness.validation.wording import missing_key_message, plain_message, unknown_key_message

T = TypeVar("T")

_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")


def validate(
    adapter: TypeAdapter[T],
    value: object,
    path: Path,
    lines: Mapping[Location, int] | None = None,
    context: object = None,
    prefix: Location = (),
    other_keys: Collection[str] = (),
) -> T:
    """Return `value` as the adapter's type; raise DataError with all that is wrong with it.

    `prefix` is where `value` stands in the file, `context` goes to the validators, `other_keys`
    may stand in its table too and are read elsewhere. A validator that finds another file wrong
    raises ValueError from that file's DataError, whose problems are then told as they are.
    """
    try:
        return adapter.validate_python(value, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
    mistakes = [_mistake(detail, adapter.core_schema) for detail in details]
    problems = Problems()
    for location, message in _told(mistakes, path.suffix, other_keys):
        place = (*prefix, *location)
        line = nearest_line(place, lines or {})
        problems.append(Problem(path, message, field_path(place), line))
    for cause in filter(None, map(_cause, details)):
        problems.extend(cause.problems)
    raise problems.error()


def validate_output(
    adapter: TypeAdapter[T],
    value: object,
    path: Path,
    lines: Mapping[Location, int] | None = None,
) -> T:
    """Return what a program wrote as the adapter's type, as `validate` does.

    Raises DataError with the first thing that is wrong, and how many more there are: nobody will
    correct them one by one.
    """
    try:
        return validate(adapter, value, path, lines)
    except DataError as error:
        first, *others = error.problems
        more = f" (and {len(others)} more)" if others else ""
        raise DataError(f"{first}{more}") from None


def nearest_line(location: Location, lines: Mapping[Location, int]) -> int | None:
    """Return the line of a field, or of what it would stand in."""
    for length in range(len(location), -1, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return None


def repeats(tables: object, key: str) -> Iterator[tuple[int, str, int]]:
    """Yield each text that a list's tables give for a key again: where, the text, where first.

    What is no such list is passed over: `validate` tells of it.

    >>> [*repeats([{"id": "a"}, {"id": 2}, {"id": "a"}], "id")]
    [(2, 'a', 0)]
    """
    first_seen: dict[str, int] = {}
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        value = table.get(key) if isinstance(table, dict) else None
        if isinstance(value, str) and first_seen.setdefault(value, index) != index:
            yield index, value, first_seen[value]


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One of pydantic's errors, and its place as the file has it.

    `keys` are those of the table that it is in, each with examples of its value.
    """

    detail: ErrorDetails
    location: Location
    keys: Mapping[str, Sequence[Any]]

    @property
    def is_unknown_key(self) -> bool:
        no_task = self.detail["type"] == "literal_error" and self.detail["loc"][-1] == "[key]"
        return no_task or self.detail["type"] in _UNKNOWN

    @property
    def is_missing_key(self) -> bool:
        return self.detail["type"] in _MISSING

    @property
    def name(self) -> str:
        return str(self.location[-1])


def _told(
    mistakes: Sequence[_Mistake], suffix: str, other_keys: Collection[str]
) -> Iterator[tuple[Location, str]]:
    """Yield the place and the message of each mistake; a misspelt key is not missing as well."""
    unknown = {mistake.location for mistake in mistakes if mistake.is_unknown_key}
    misspelt: set[Location] = set()
    for mistake in mistakes:
        if mistake.is_unknown_key:
            table = mistake.location[:-1]
            absent = [m.name for m in mistakes if m.is_missing_key and m.location[:-1] == table]
            meant = difflib.get_close_matches(mistake.name, absent, n=1)
            misspelt |= {(*table, name) for name in meant}
            known = [*mistake.keys, *(() if table else other_keys)]
            yield mistake.location, unknown_key_message(mistake.name, meant or known)
    for mistake in mistakes:
        if mistake.is_missing_key and mistake.location not in misspelt:
            examples = mistake.keys.get(mistake.name, ())
            message = missing_key_message(mistake.name, examples, toml=suffix == ".toml")
            yield mistake.location, message
        elif not (mistake.is_missing_key or mistake.location in unknown or _cause(mistake.detail)):
            yield mistake.location, plain_message(mistake.detail)


def _cause(detail: ErrorDetails) -> DataError | None:
    """Return what is wrong with another file, if that is what a validator found."""
    cause = getattr(detail.get("ctx", {}).get("error"), "__cause__", None)
    return cause if isinstance(cause, DataError) else None


def _mistake(detail: ErrorDetails, schema: CoreSchema) -> _Mistake:
    """Follow an error's place through the schema: the names of a union's members are left out."""
    node: Any = schema
    definitions: dict[str, Any] = {}
    location: Location = ()
    keys: Mapping[str, Sequence[Any]] = {}
    for part in detail["loc"]:
        if part == "[key]":
            break
        node = _unwrapped(node, definitions)
        if node["type"] == "tagged-union":
            node = node["choices"][part]
            continue
        location = (*location, part)
        keys, children = {}, {}
        match node["type"]:
            case "model":
                fields = node["cls"].model_fields
                keys = {field.alias or name: field.examples or () for name, field in fields.items()}
                children = _unwrapped(node["schema"], definitions)["fields"]
            case "dataclass":
                arguments = _unwrapped(node["schema"], definitions)["fields"]
                children = {argument["name"]: argument for argument in arguments}
                keys = dict.fromkeys(children, ())
            case "dict":
                names = _unwrapped(node["keys_schema"], definitions).get("expected", ())
                keys, children = dict.fromkeys(names, ()), {part: node["values_schema"]}
            case "list":
                children = {part: node["items_schema"]}
            case "tuple":
                children = dict(enumerate(node["items_schema"]))
        node = children.get(part, {"type": "any"})
    return _Mistake(detail, location, keys)


def _unwrapped(node: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema without defaults, validators and names around it."""
    while node["type"] not in ("model", "dataclass"):
        if node["type"] == "definitions":
            definitions |= {definition["ref"]: definition for definition in node["definitions"]}
        if node["type"] == "definition-ref":
            node = definitions[node["schema_ref"]]
        elif "schema" in node:
            node = node["schema"]
        else:
            break
    return node
