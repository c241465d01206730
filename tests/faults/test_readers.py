"""Files that ask for gigabytes or hours in a few bytes: each is one line that says where."""

import contextlib
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.bounded.digits import MOST_DIGITS
from harness.bounded.json_bytes import MOST_LEVELS
from harness.errors import DataError
from harness.files import parse_json, read_text, read_toml, read_toml_with_lines
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.reading.json_rows import read_json
from harness.suite.data_set.reading.lines import numbered_lines
from harness.validation.yaml_file import read_yaml

# Nine levels of nine: 9**9 values, from https://en.wikipedia.org/wiki/Billion_laughs_attack.
LAUGHS = 'a0: &a0 ["lol"]\n' + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 10)
)
LONG_NUMBER = f"it holds a number of more than {MOST_DIGITS} digits"
REPEAT = "its aliases (`*name`) repeat too much, or hold themselves; write it out"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LAUGHS, f"not usable YAML: {REPEAT}"),
        (MERGES, f"not usable YAML: {REPEAT}"),
        ("a: &a [*a, *a]", f"not usable YAML: {REPEAT}"),
        ("a: " + "[" * 20_000, "file:1: not usable YAML: opens more than 100 brackets"),
        ("- " * 20_000 + "a", "file:1: not usable YAML: is nested more than 100 deep"),
        ("a: " + "9" * 5000, f"not valid YAML: {LONG_NUMBER}"),
    ],
    ids=["aliases", "merges", "itself", "brackets", "marks", "digits"],
)
def test_a_yaml_that_is_larger_than_it_looks(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(DataError) as caught:
        read_yaml(tmp_path / "file")
    assert message in str(caught.value)


def test_an_alias_that_repeats_little_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a: &who [Ann Lee, Minister Ann Lee]\nb: *who\n")
    assert read_yaml(tmp_path / "file")[0] == {"a": ["Ann Lee", "Minister Ann Lee"]} | {
        "b": ["Ann Lee", "Minister Ann Lee"]
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\n" + "b." * 100_000 + "c = 1", "file:2: not usable TOML: has a key of more than"),
        ("[" + '"b" . ' * 200 + "c]", "file:1: not usable TOML: has a key of more than 100 parts"),
        ("a = " + "[" * 20_000, "not usable TOML: it is nested too deeply"),
        ("a = " + "9" * 5000, f"not valid TOML: {LONG_NUMBER}"),
        ("#" * 5_000_000, "not usable TOML: is longer than 4,000,000 characters"),
    ],
    ids=["keys", "headers", "depth", "digits", "length"],
)
def test_a_toml_that_takes_for_ever(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(DataError) as caught:
        read_toml_with_lines(tmp_path / "file")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[" * 20_000, f"it is nested more than {MOST_LEVELS} deep"),
        ('{"a":' * 20_000, f"it is nested more than {MOST_LEVELS} deep"),
        ("9" * 5000, f"it holds a number of more than {MOST_DIGITS} digits"),
    ],
    ids=["lists", "objects", "digits"],
)
@pytest.mark.parametrize("beginning", ['[{"context": ', '{"data": [{"context": '])
def test_a_json_that_is_read_piece_by_piece(
    tmp_path: Path, beginning: str, value: str, message: str
) -> None:
    file = tmp_path / "file.json"
    file.write_text(beginning + value)
    with pytest.raises(DataError, match=message):
        list(read_json(file, BadRows()))


def test_brackets_in_a_text_nest_nothing(tmp_path: Path) -> None:
    text = "[{" * 5000
    (tmp_path / "file.json").write_text(json.dumps([{"context": text}]))
    (row,) = read_json(tmp_path / "file.json", BadRows())
    assert row.columns == {"context": text}


def test_a_number_of_a_json_text_that_is_too_long_is_no_advice_to_programmers() -> None:
    for text in ("9" * 5000, b'{"a": [' + b"9" * 5000 + b"]}"):
        with pytest.raises(ValueError, match=f"^{LONG_NUMBER}$"):
            parse_json(text)


def test_a_json_text_that_is_too_deep_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json("[" * 20_000)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
@pytest.mark.parametrize("read", [read_text, read_toml])
def test_a_pipe_or_a_device_in_a_file_s_place_is_not_waited_for(
    tmp_path: Path, make: Callable[[Path], None], read: Callable[[Path], object]
) -> None:
    make(tmp_path / "file")
    with pytest.raises(DataError, match="file: is a pipe or a device; put the file itself there"):
        read(tmp_path / "file")


def test_a_line_without_an_end_is_read_no_further_than_the_bound(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(b'{"id": 1}\n')
        for _ in range(200):
            packed.write(bytes(1_000_000))
    assert file.stat().st_size < 2_000_000
    lines = numbered_lines(file)
    assert next(lines) == (1, '{"id": 1}\n')
    with pytest.raises(DataError, match="gz:2: a line of more than 100,000,000 bytes; is it an"):
        next(lines)


# Texts of the signs that mean something to some of them, and of any others.
_SIGNS = st.sampled_from([*'[]{}:,"-?&*!|>#.=\\\n\t ', "a", "1", "é", "<<", "\x00", "\ud7ff"])
_TEXTS = st.lists(_SIGNS | st.text(max_size=5), max_size=200).map("".join)


@pytest.mark.minutes
@pytest.mark.parametrize(
    "read",
    [
        read_yaml,
        read_toml_with_lines,
        lambda path: list(read_json(path, BadRows())),
    ],
    ids=["yaml", "toml", "json"],
)
def test_no_text_is_more_than_an_error_of_ours(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    @settings(
        max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(_TEXTS)
    def check(text: str) -> None:
        (tmp_path / "file.json").write_bytes(text.encode())
        with contextlib.suppress(DataError):
            read(tmp_path / "file.json")

    check()
