"""Tables of keys as text, in each format."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from harness.tables.cells import csv_text
from harness.tables.markdown import markdown_table
from harness.tables.table import Column, Lines, Note, Notes, Part
from harness.validation.key_tables import Key, KeyTable


def keys_parts(key_tables: Sequence[KeyTable]) -> list[Part]:
    """Return the tables to be read on a terminal: a key with its type, and its meaning below it."""
    parts: list[Part] = []
    for table in key_tables:
        parts += [Lines((table.name,)), Notes((Note(table.description),))]
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


def keys_markdown(key_tables: Sequence[KeyTable]) -> str:
    """Return for each table a heading, what it is for, and its keys."""
    return "\n".join(map(_table_markdown, key_tables))


def keys_csv(key_tables: Sequence[KeyTable]) -> str:
    """Return a line for each key."""
    return csv_text(
        ["table", "key", "type", "required", "default", "meaning"],
        (
            [table.name, key.name, key.type, key.default is None, key.default, key.description]
            for table in key_tables
            for key in table.keys
        ),
    )


def keys_json(key_tables: Sequence[KeyTable]) -> str:
    """Return all as JSON text."""
    return json.dumps([asdict(table) for table in key_tables], indent=2)


def _table_markdown(table: KeyTable) -> str:
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


def _default_text(key: Key) -> str:
    if key.default is None:
        return "required"
    return f"default {key.default}" if key.default else "optional"
