"""What a person writes in YAML is read as it is written, or refused with its line."""

import datetime
import re
from pathlib import Path

import pytest
import yaml

from harness.errors import DataError
from harness.files import package_path
from harness.validation.yaml_file import read_yaml


def test_all_keys_that_yaml_has_twice_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb: {c: 1, c: 2}\na: 2\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_yaml(path)
    assert [str(problem) for problem in caught.value.problems] == [
        f"{path}:2: b.c: is given twice, first at line 2; keep one",
        f"{path}:3: a: is given twice, first at line 1; keep one",
    ]


def test_a_key_of_yaml_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("1: 1\nno: no\n2026-01-31: {null: 2026-01-31}\n", encoding="utf-8")
    content, lines = read_yaml(path)
    assert content == {"1": 1, "no": False, "2026-01-31": {"null": datetime.date(2026, 1, 31)}}
    assert lines == {(): 1, ("1",): 1, ("no",): 2, ("2026-01-31",): 3, ("2026-01-31", "null"): 3}


# libyaml alone goes as deep as the text does, and takes the process with it: at 100,000 surely.
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x [*x]", "its aliases (`*name`) repeat too much, or hold themselves; write it out"),
        ("&x {a: *x}", "its aliases (`*name`) repeat too much, or hold themselves; write it out"),
        ("[" * 3000 + "]" * 3000, "opens more than 100 brackets in one another"),
        ("- " * 100_000, "is nested more than 100 deep"),
    ],
    ids=["list", "map", "brackets", "dashes"],
)
def test_yaml_that_holds_itself_or_is_too_deep_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"x\.yaml(:1)?: not usable YAML: {re.escape(reason)}"):
        read_yaml(path)


@pytest.mark.parametrize(
    ("written", "read", "message"),
    [
        # YAML 1.1, 5.3: "&" an anchor; 10.3's resolution of !!int: octal, hexadecimal, base 60.
        ("&Sons opened the pier", "opened the pier", "loses its beginning '&Sons'"),
        ("[&c the pier, b]", ["the pier", "b"], "loses its beginning '&c'"),
        ("010", 8, "010 is another number"),
        ("0x10", 16, "0x10 is another number"),
        ("1:30", 90, "1:30 is another number"),
        ("1_0", 10, "1_0 is another number"),
        (r'"the \bridge"', "the \x08ridge", r"has the control character '\x08'"),
        ("the pier #3?", "the pier", "is cut off at '#3?'"),
    ],
)
def test_what_yaml_reads_otherwise_is_told(
    tmp_path: Path, written: str, read: object, message: str
) -> None:
    assert yaml.safe_load(written) == read
    path = tmp_path / "x.yaml"
    path.write_text(f"a: {written}\n", encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        read_yaml(path)
    assert str(caught.value.problems[0]).startswith(f"{path}:1: a")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'&Sons opened'", "&Sons opened"), ("R&D opened", "R&D opened"), ("-12", -12), ("0", 0),
        ("1.5", 1.5), ("3 # of them", 3), (r'"a\tb"', "a\tb"), ("'x' # note", "x"),
        ("[&c pier, *c]", ["pier", "pier"]),
    ],
)  # fmt: skip
def test_what_is_meant_as_it_is_read_stays(tmp_path: Path, written: str, read: object) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"a: {written}\n", encoding="utf-8")
    assert read_yaml(path)[0] == {"a": read}


@pytest.mark.parametrize("name", ["bridge-closed", "osier-bridge"])
def test_content_and_lines_are_those_of_yaml_in_python(name: str) -> None:
    """By libyaml where it is there: PyYAML's own parser and its marks are what it is held to."""
    path = package_path("demo") / "goldens" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    content, lines = read_yaml(path)
    assert content == yaml.load(text, yaml.SafeLoader)
    root = yaml.SafeLoader(text).get_single_node()
    assert isinstance(root, yaml.MappingNode)
    expected = {
        ("questions", index, key.value): key.start_mark.line + 1
        for field, questions in root.value
        if field.value == "questions"
        for index, question in enumerate(questions.value)
        for key, _ in question.value
    }
    assert expected.items() <= lines.items()
