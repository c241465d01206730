"""Whatever stands in a file, what is said of it is said in a person's words.

Every field of every record that people write is given what it must not be, and every limit that its
schema has must have been passed.
"""

import datetime
import math
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from harness.errors import DataError
from harness.files import shipped_path
from harness.models import KINDS, model_class
from harness.models.roster.entry_keys import EntryKeys
from harness.models.task_prompts import RosterContext
from harness.prompting.prompt_file import PromptKeys
from harness.suite.data_set.description import Description
from harness.suite.golden_file import ArticleGolden, EventGolden
from harness.suite.manifest import Manifest
from harness.validation.validation import validate
from harness.validation.wording import MESSAGES

CONTEXT = RosterContext(Path(), [shipped_path("prompts")])
FILES: list[type[BaseModel]] = [
    Manifest, ArticleGolden, EventGolden, Description, PromptKeys, EntryKeys,
    *map(model_class, KINDS),
]  # fmt: skip

SCALARS = [
    None, True, 3, 0, -1, 10**9, 0.5, 1.5, math.nan, math.inf, "", " ", "a", "Bad Name!", "-a",
    "x" * 99, "9" * 5000, "~nobody-of-this-name/x", datetime.date(2026, 1, 31),
    datetime.datetime(2026, 1, 31, 12),
]  # fmt: skip
LISTS: list[object] = [[], [3], ["a", "a"], ["a"] * 3, [5, 3], *([value] for value in SCALARS)]
TABLES = [{name: value} for name in ("Bad Name!", "answer", "hub") for value in SCALARS]
VALUES = [*SCALARS, *LISTS, *TABLES]

# What pydantic, Python or a regular expression would say, and a person would not.
JARGON = re.compile(
    r"\^|\\|\[a-z|\{\d|[Rr]egex|[Pp]attern|[Ii]nput should|valid |[Ii]nstance|[Dd]ictionary|[Ss]tring|"
    r"[Ii]nteger|[Bb]oolean|[Tt]uple|[Pp]arse|None|True|False|<class|Value error|[Aa]rgument|"
    r"[Pp]ermitted|[Rr]equired|[Aa]ttribute|[Ll]iteral|[Cc]haracters|[Vv]alidation|[Ss]chema"
)
# The error that shows that a limit of a schema was passed.
LIMITS = {
    "ge": {"greater_than_equal"}, "gt": {"greater_than"}, "le": {"less_than_equal"},
    "lt": {"less_than"}, "min_length": {"string_too_short", "too_short"},
    "max_length": {"too_long"}, "expected": {"literal_error"},
}  # fmt: skip
LIMITED = ("str", "int", "float", "list", "literal", "tuple")


def _inner(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the records that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _inner(argument)


def _with_inner(models: list[type[BaseModel]]) -> list[type[BaseModel]]:
    found: dict[type[BaseModel], None] = {}
    todo = list(models)
    while todo:
        model = todo.pop(0)
        found[model] = None
        fields = model.model_fields.values()
        todo += [m for field in fields for m in _inner(field.annotation) if m not in found]
    return list(found)


MODELS = _with_inner(FILES)


def _example(model: type[BaseModel]) -> dict[str, Any]:
    fields = model.model_fields.items()
    return {field.alias or name: field.examples[0] for name, field in fields if field.examples}


def _limits(schema: Any, *, worded: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the limits in a schema, and whether words of their own stand for all that is wrong.

    A record within is left out: it has a test of its own.
    """
    if isinstance(schema, list | tuple):
        for item in schema:
            if not (isinstance(item, dict) and item.get("type") == "model"):
                yield from _limits(item, worded=worded)
    if not isinstance(schema, dict):
        return
    worded = worded or schema.get("type") == "custom-error"
    for name, value in schema.items():
        if schema.get("type") in LIMITED and name in (*LIMITS, "pattern"):
            yield name, worded
        if name not in ("metadata", "serialization") and not (
            isinstance(value, dict) and value.get("type") == "model"
        ):
            yield from _limits(value, worded=worded)


def test_there_are_records_within_the_files() -> None:
    names = {model.__name__ for model in MODELS}
    assert {"ManifestEntry", "ArticleQuestion", "EventQuestion", "FewShotKeys", "TrainedOn"} < names
    assert {"PackageWeights", "AdapterFolder", "HubWeights", "Prices"} < names


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_examples_that_messages_show_are_sound(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.examples or not field.is_required(), f"{name} needs an example"
    TypeAdapter(model).validate_python(_example(model), context=CONTEXT)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_is_wrong_is_said_in_a_person_s_words(model: type[BaseModel]) -> None:
    adapter, example = TypeAdapter(model), _example(model)
    names = [field.alias or name for name, field in model.model_fields.items()]
    wrong = [{**example, name: value} for name in names for value in VALUES]
    wrong += [
        {**example, "zzz": 1},
        {},
        *({k: v for k, v in example.items() if k != left_out} for left_out in example),
    ]
    seen: set[str] = set()
    for value in [*wrong, *VALUES]:
        try:
            adapter.validate_python(value, context=CONTEXT)
        except ValidationError as error:
            seen |= {detail["type"] for detail in error.errors()}
        else:
            continue
        with pytest.raises(DataError) as caught:
            validate(adapter, value, Path("x.toml"), context=CONTEXT)
        for problem in caught.value.problems:
            assert not isinstance(problem, str)
            # What stands in the file is told as it stands there.
            said = problem.message.replace("Bad Name!", "")
            assert not JARGON.search(said), (value, str(problem))
            assert said[0].islower()
            assert "\n" not in said
    assert seen <= {*MESSAGES, "words", "value_error", "weights", "missing", "extra_forbidden"}
    for limit, worded in _limits(adapter.core_schema):
        if worded:
            assert "words" in seen or "path_type" in seen
        else:
            assert limit != "pattern", "a regular expression needs Words"
            assert LIMITS[limit] & seen, limit


def test_every_message_is_for_something() -> None:
    """Those of the date and the numbers are many: pydantic has a name for each way of failing."""
    for message in MESSAGES.values():
        assert message.startswith("must ")
        assert not JARGON.search(message)


def test_no_file_that_people_write_is_left_out() -> None:
    """What `validate` reads is in the list above."""
    root = Path(__file__).parents[2] / "harness"
    readers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(r"import (.*, )?validate$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert readers == {
        "suite/manifest.py", "suite/goldens.py", "prompting/prompt_file.py",
        "models/roster/parsed_table.py", "suite/data_set/description.py",
        "suite/data_set/known.py",  # which ships
    }  # fmt: skip
