"""One table of a roster: the keys that every entry may have, and those of its kind."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from harness.errors import DataError, Problem, Problems
from harness.files import Location, field_path
from harness.models import model_class
from harness.models.model import Model
from harness.models.roster.entry_keys import EntryKeys, JudgeKeys
from harness.models.task_prompts import RosterContext
from harness.validation.validation import nearest_line, validate

Keys = TypeVar("Keys", EntryKeys, JudgeKeys)


def parsed_table(
    path: Path,
    lines: Mapping[Location, int],
    prefix: Location,
    table: object,
    context: RosterContext,
    common_keys: TypeAdapter[Keys],
    kinds_here: Mapping[str, str],
    is_kind: Callable[[object], bool],
) -> tuple[Keys, Model]:
    """Return the keys that all entries have, and the model that the others make.

    `prefix` is where the table stands in its file, `is_kind` whether there is a kind of a name, in
    this package or another. Raises DataError with all that is wrong in it.
    """
    name = field_path(prefix)
    line = nearest_line(prefix, lines)
    if not isinstance(table, dict):
        message = f"must be a table; write [{name}] and its keys below"
        raise DataError(Problem(path, message, name, line))
    names = list(_dotted_names(table, str(prefix[-1])))
    if names:
        quoted = ".".join([*map(str, prefix[:-1]), f'"{names[0]}"'])
        message = f"is a table in a table, as a dot parts names; write [{quoted}], in quotes"
        raise DataError(Problem(path, message, names[0], line))
    kind = table.get("kind")
    # Without a kind, the keys of all kinds are known.
    kinds = [str(kind)] if is_kind(kind) else [*kinds_here]
    kind_keys = dict.fromkeys(
        field.alias or key
        for known in kinds
        for key, field in model_class(known).model_fields.items()
    )
    common = {key: value for key, value in table.items() if key not in kind_keys}
    own = {key: value for key, value in table.items() if key in kind_keys}
    problems = Problems()
    with problems.collected():
        keys = validate(
            common_keys, common, path, lines, context, prefix=prefix, other_keys=kind_keys
        )
    if kinds == [kind]:
        adapter = TypeAdapter(model_class(kinds[0]))
        with problems.collected():
            model = validate(adapter, own, path, lines, context, prefix=prefix)
            try:
                model.look_at_files()
            except DataError as error:
                problems.append(Problem(path, str(error), name, line))
    problems.raise_any()
    return keys, model


def _dotted_names(table: Mapping[Any, object], name: str) -> Iterator[str]:
    """Yield the names of entries within an entry: what TOML makes of [qwen2.5-0.5b]."""
    for key, value in table.items():
        if isinstance(value, dict):
            if "kind" in value or ("weights" in value and "kind" not in table):
                yield f"{name}.{key}"
            yield from _dotted_names(value, f"{name}.{key}")
