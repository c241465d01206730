"""All that is wrong with a file is told at once."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import DataError, Problem, Problems
from harness.files import Location
from harness.validation.validation import validate, validate_output


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = Field(ge=1, examples=[3])
    colour: str = "red"


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["mine"])
    item: list[Item] = []


FILE = TypeAdapter(File)
LINES: dict[Location, int] = {
    ("name",): 1,
    ("item", 0): 3,
    ("item", 0, "size"): 4,
    ("item", 1): 6,
    ("item", 1, "x"): 7,
}


def _problems(
    value: object, path: str = "x.toml", lines: dict[Location, int] | None = None
) -> list[str]:
    with pytest.raises(DataError) as caught:
        validate(FILE, value, Path(path), lines)
    return [str(problem) for problem in caught.value.problems]


def test_every_problem_has_its_line_and_they_come_by_line() -> None:
    value = {"item": [{"size": 0, "colour": 3}, {"x": 1}], "name": 2}
    assert _problems(value, lines=LINES) == [
        "x.toml:1: name: must be a text in quotes, not 2",
        "x.toml:3: item[0].colour: must be a text in quotes, not 3",
        "x.toml:4: item[0].size: must be 1 or more, not 0",
        "x.toml:6: item[1].size: is missing; add something like  size = 3",
        "x.toml:7: item[1].x: unknown key; there are size, colour",
    ]


def test_what_is_missing_is_shown_as_the_file_would_have_it() -> None:
    assert _problems({}, "x.yaml") == ['x.yaml: name: is missing; add something like  name: "mine"']
    assert _problems({}) == ['x.toml: name: is missing; add something like  name = "mine"']


def test_a_misspelt_key_is_one_mistake() -> None:
    assert _problems({"nam": "a"}) == ["x.toml: nam: unknown key; did you mean name?"]


def test_keys_that_are_read_elsewhere_are_known() -> None:
    with pytest.raises(DataError) as caught:
        validate(FILE, {"name": "a", "totle": 1}, Path("x.toml"), other_keys=["title"])
    assert str(caught.value) == "x.toml: totle: unknown key; did you mean title?"


def test_several_problems_are_one_error_of_several_lines() -> None:
    problems = Problems()
    for name in ("b.toml", "a.yaml", "b.toml"):
        with problems.collected():
            raise DataError(Problem(Path(name), "is wrong", "x", 2), Problem(Path(name), "is bad"))
    with pytest.raises(DataError) as caught:
        problems.raise_any()
    assert str(caught.value) == (
        "4 problems in 2 files\n"
        "  b.toml: is bad\n"
        "  b.toml:2: x: is wrong\n"
        "  a.yaml: is bad\n"
        "  a.yaml:2: x: is wrong"
    )
    Problems().raise_any()  # nothing is wrong


def test_a_hundred_problems_are_told_and_the_rest_is_counted() -> None:
    told = str(DataError(*(Problem(Path("x"), f"is wrong {n}") for n in range(103)))).splitlines()
    assert told[0] == "x: 103 problems"
    assert told[100] == "  x: is wrong 99"
    assert told[101:] == ["  and 3 more"]


def test_of_what_a_program_wrote_the_first_thing_is_told_and_the_rest_counted() -> None:
    with pytest.raises(DataError) as caught:
        validate_output(FILE, {"item": [{"size": 0}, {"size": -1}]}, Path("x.json"))
    assert str(caught.value) == (
        'x.json: name: is missing; add something like  name: "mine" (and 2 more)'
    )
