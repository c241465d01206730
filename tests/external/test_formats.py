import json
import os
from pathlib import Path

import pytest

from harness.errors import DataError, UsageError
from harness.external.formats import FORMATS, Format, format_of, read_json, read_records


def _read(path: Path, form: Format) -> list[tuple[str, dict[str, object]]]:
    found = read_records(path, form, lambda _: True)
    return [(one.where.removeprefix(str(path)), dict(one.fields)) for one in found]


SQUAD = {
    "version": "v2.0",
    "data": [
        {"title": "t", "paragraphs": [{"context": "c", "qas": [
            {"id": "q1", "question": "?", "answers": [{"text": "Ann", "answer_start": 0}]},
            {"id": "q2", "question": "?", "answers": [], "is_impossible": True},
        ]}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "content", "expected"),
    [
        ("jsonl", '{"id": 1, "a": "x"}\n\n{"a": ["y"]}\n', [(":1", {"id": 1, "a": "x"}), (":3", {"a": ["y"]})]),
        ("jsonl", '\ufeff{"a": "x"}\r\n', [(":1", {"a": "x"})]),
        ("lines", "one\r\n\nthree\u2028more", [(":1", {"": "one"}), (":2", {"": ""}), (":3", {"": "three\u2028more"})]),
        ("csv", 'id,a\n1,"x,\n""y"""\n\n2,z\n', [(":2", {"id": "1", "a": 'x,\n"y"'}), (":5", {"id": "2", "a": "z"})]),
        # DataFrame.to_csv writes the rows' numbers too, without a name.
        ("csv", ",id,a\n0,1,x\n", [(":2", {"Unnamed: 0": "0", "id": "1", "a": "x"})]),
        ("tsv", "id\ta\n1\tx, y\n", [(":2", {"id": "1", "a": "x, y"})]),
        # IANA's text/tab-separated-values knows no quoting.
        ("tsv", 'id\ta\r\n1\t"We stay," said Holt.\r\n\r\n2\t"Holt will stay.\r\n3\tThey go."', [
            (":2", {"id": "1", "a": '"We stay," said Holt.'}), (":4", {"id": "2", "a": '"Holt will stay.'}),
            (":5", {"id": "3", "a": 'They go."'}),
        ]),
        ("tsv", "a\nx\n\ny\n", [(":2", {"a": "x"}), (":3", {"a": ""}), (":4", {"a": "y"})]),
        ("csv", 'a\nx\n""\ny\n\n', [(":2", {"a": "x"}), (":3", {"a": ""}), (":4", {"a": "y"})]),
        ("json", '{"q1": "Ann", "q2": ""}', [(": 'q1'", {"id": "q1", "": "Ann"}), (": 'q2'", {"id": "q2", "": ""})]),
        ("json", '[{"id": 1}]', [(": record 1", {"id": 1})]),
        ("json", json.dumps(SQUAD), [
            (": question 'q1'", {"id": "q1", "answers": [{"text": "Ann", "answer_start": 0}], "is_impossible": None, "title": "t", "version": "v2.0"}),
            (": question 'q2'", {"id": "q2", "answers": [], "is_impossible": True, "title": "t", "version": "v2.0"}),
        ]),
        ("lines", "", []),
        ("csv", "", []),
    ],
)  # fmt: skip
def test_records(
    tmp_path: Path, form: Format, content: str, expected: list[tuple[str, dict[str, object]]]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content.encode())
    assert _read(path, form) == expected


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("jsonl", b'{"a": 1}\n{"a": \n', "file:2: not valid JSON: Expecting value"),
        ("jsonl", b"[1]\n", "file:1: must be a JSON object"),
        ("jsonl", b'{"a": NaN}\n', "file:1: not valid JSON: NaN is no JSON number"),
        ("jsonl", b'{"a": 1, "a": 2}\n', "file:1: not valid JSON: 'a' is given twice"),
        ("jsonl", b'{}\n{"a": "\xff"}\n', "file:2: not UTF-8 text (byte 7)"),
        ("lines", "Ann met Bob.\n".encode("utf-16"), "file: not UTF-8 text but UTF-16"),
        ("lines", "Ann met Bob.\n".encode("utf-16-le"), "file: not UTF-8 text but UTF-16"),
        ("jsonl", b"[" * 100_000, "file:1: not valid JSON: "),
        ("csv", b"id,id\n", "file:1: the header's names must differ"),
        ("csv", b"id,\n", "file:1: the header's names must differ and not be empty"),
        ("csv", b"id,a\n1\n", "file:2: 1 cells under 2 names"),
        ("csv", b"a\nx\n\ny\n", 'file:3: has nothing in it, so it may be a row; write "" for an empty'),
        ("tsv", b'id\ta\n1\t"x\ny"\n', "file:3: 1 cells under 2 names; a TSV has no quoting"),
        ("tsv", b"id\ta\r1\tx\r", "file:1: has a carriage return in a line"),
        ("csv", b'id,a\n1,"x"y\n', "file:2: not valid CSV: "),
        ("csv", b'id,a\n1,x\n2,"y\n', "file:3: the file ends within a cell; is a quote not closed"),
        ("json", b'{"q1":\n "Ann",}', "file:2: not valid JSON: "),
        ("json", b'{"q1": "Ann", "q1": "Bob"}', "file: not valid JSON: 'q1' is given twice"),
        ("json", b'"Ann"', "file: must be SQuAD's data set, texts by id"),
        ("json", b"[1]", "file: record 1: must be a JSON object"),
        ("json", b'{"data": [{"title": "t"}]}', "file: not SQuAD's data set after question 0"),
        ("json", b'{"data": [3]}', "file: not SQuAD's data set after question 0 (TypeError"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_line_that_says_where(
    tmp_path: Path, form: Format, content: bytes, message: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        _read(path, form)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_long_cell_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("id,a\n1," + "x" * 1_000_000 + "\n", encoding="utf-8")
    (row,) = _read(path, "csv")
    assert row[1]["a"] == "x" * 1_000_000


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("a.jsonl", None, "jsonl"), ("a.NDJSON", None, "jsonl"), ("a.csv", None, "csv"),
        ("a.tsv", None, "tsv"), ("a.json", None, "json"), ("a.txt", None, "lines"),
        ("a.parquet", None, "data"), ("a.out", "lines", "lines"), ("a.json", "jsonl", "jsonl"),
    ],
)  # fmt: skip
def test_the_suffix_or_the_user_tells_the_format(
    tmp_path: Path, name: str, given: Format | None, expected: Format
) -> None:
    (tmp_path / name).touch()
    assert format_of(tmp_path / name, given) == expected
    assert expected in FORMATS
    assert format_of(tmp_path, None) == "data"


def test_what_has_no_format(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        format_of(tmp_path / "gone.json", None)
    (tmp_path / "a.out").touch()
    with pytest.raises(UsageError, match="its suffix tells no format; give --references-format"):
        format_of(tmp_path / "a.out", None)
    (tmp_path / "a.json.gz").touch()
    with pytest.raises(DataError, match=r"a.json.gz: is compressed; unpack it first"):
        format_of(tmp_path / "a.json.gz", "json")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(DataError, match="not a regular file; it is read twice"):
        format_of(tmp_path / "pipe.txt", None)


def test_read_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"q": 0.5}', encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"q": 0.5}
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_json(tmp_path)
