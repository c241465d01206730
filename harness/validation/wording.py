"""What is said of a value that does not fit its type, in a person's words.

A type that has a form of its own carries its words: `Annotated[str, ..., Words("id", "must ...")]`.
A key that must be given has an example, `Field(examples=[...])`, which a message shows as it could
be pasted.
"""

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from harness.errors import did_you_mean

# The type of an error whose message is a type's own words.
WORDS = "words"

# What is said for each of pydantic's errors, with what it knows of the limit.
MESSAGES: dict[str, str] = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dataclass_type": "must be a table of keys and values",
    "date_from_datetime_inexact": "must be a date such as 2026-01-31",
    "date_from_datetime_parsing": "must be a date such as 2026-01-31",
    "date_parsing": "must be a date such as 2026-01-31",
    "date_type": "must be a date such as 2026-01-31",
    "dict_type": "must be a table of keys and values",
    "finite_number": "must be a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "list_type": "must be a list, in square brackets",
    "literal_error": "must be {expected}",
    "mapping_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "path_type": "must be a path in quotes",
    "string_too_short": "must not be empty",
    "string_type": "must be a text in quotes",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have {min_length} items or more",
    "tuple_type": "must be a list, in square brackets",
}

# Keys that people know from elsewhere.
_REFUSED = {
    "trust_remote_code": "code from a checkpoint is never run, so there is no such key; remove it",
    "max_new_tokens": "unknown key of this kind; what is prompted has it in its prompt",
}
# Names that keys have elsewhere, as in transformers and in clients of OpenAI's API.
_ELSEWHERE = {
    "api_base": "url",
    "base_url": "url",
    "checkpoint": "weights",
    "max_input_length": "max_source_tokens",
    "max_length": "max_new_tokens",
    "min_length": "min_new_tokens",
    "model_name_or_path": "weights",
    "model_path": "weights",
    "path": "weights",
}
# What writes a key that is not there.
_WRITTEN_BY = {"revision": "  or let `harness models --roster FILE --pin` write it"}


@dataclass(frozen=True, slots=True)
class Words:
    """In an annotation: what a type is called in tables of keys, and what is said of a misfit.

    Without a `message` the type's own errors are told.
    """

    name: str
    message: str = ""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let every error of the type be this one."""
        schema = handler(source)
        if not self.message:
            return schema
        return core_schema.custom_error_schema(schema, WORDS, custom_error_message=self.message)


def _written_as_date(value: object) -> object:
    """Refuse a number, which pydantic takes for the seconds since 1970: 20260131 is in August."""
    is_text = isinstance(value, str)
    if isinstance(value, (int, float)) or (is_text and not _DATE.match(str(value).strip())):
        raise PydanticCustomError("date_type", "no date")
    return value


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Date = Annotated[datetime.date, BeforeValidator(_written_as_date)]

# Texts that several files have.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Words("SHA-256", "must be the 64 digits, 0-9 and a-f, that `sha256sum FILE` prints"),
]


def plain_message(detail: ErrorDetails) -> str:
    """Return what is said of a value that does not fit."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == WORDS:
        return detail["msg"] + _not_this(detail["input"])
    if kind in MESSAGES:
        message = MESSAGES[kind].format(**context).replace("'", '"')
        return message + _not_this(detail["input"])
    return str(context.get("error", detail["msg"]))  # from a validator of ours


def unknown_key_message(name: str, known: Sequence[str]) -> str:
    """Return what is said of a key that is none of those known.

    >>> unknown_key_message("sentence", ["sentences", "seed"])
    'unknown key; did you mean sentences?'
    >>> unknown_key_message("max_length", ["beams", "max_new_tokens"])
    'unknown key; did you mean max_new_tokens?'
    """
    if _ELSEWHERE.get(name) in known:
        return f"unknown key; did you mean {_ELSEWHERE[name]}?"
    return _REFUSED.get(name) or f"unknown key{did_you_mean(name, known) or '; remove it'}"


def missing_key_message(name: str, examples: Sequence[Any], *, toml: bool) -> str:
    """Return what is said of a key that is not there: with the first example, to be pasted.

    >>> missing_key_message("version", [1], toml=True)
    'is missing; add something like  version = 1'
    """
    if not examples:
        return "is missing; add it"
    example = f"{name}{' =' if toml else ':'} {written(examples[0], toml=toml)}"
    return f"is missing; add something like  {example}{_WRITTEN_BY.get(name, '')}"


def written(value: object, *, toml: bool = True) -> str:
    """Return a value as it is written in TOML, or else in YAML.

    >>> written({"hub": "a/b", "words": [50, 70]}), written({"hub": "a/b"}, toml=False)
    ('{ hub = "a/b", words = [50, 70] }', '{hub: "a/b"}')
    """
    if isinstance(value, Mapping):
        equals, space = (" = ", " ") if toml else (": ", "")
        pairs = [f"{key}{equals}{written(item, toml=toml)}" for key, item in value.items()]
        return f"{{{space}{', '.join(pairs)}{space}}}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item, toml=toml) for item in value)}]"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value, ensure_ascii=False, default=str)


def shown(value: object) -> str:
    """Return a value as it stands in a file; "" if it is long, or there is nothing to be seen."""
    text = repr(value) if isinstance(value, float) else written(value)  # 1.0 is not 1
    is_blank = isinstance(value, str) and not value.strip()
    return text if not is_blank and len(text) <= 60 else ""


def _not_this(value: object) -> str:
    """Return the end of a message: what stands in the file, if it is short."""
    if value is None:
        return "; nothing stands there"
    text = shown(value)
    return f", not {text}" if text else ""
