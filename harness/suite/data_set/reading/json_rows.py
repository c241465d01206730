"""Rows of JSON: SQuAD as it is published, a list of objects, and an object a line."""

import json
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import ijson

from harness.bounded.json_bytes import json_problem
from harness.encoding import is_utf_16, not_utf8
from harness.errors import DataError
from harness.files import parse_json
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.reading.lines import numbered_lines
from harness.suite.data_set.reading.packed import open_bytes


class Row(NamedTuple):
    """A row: where it stands, for messages, and its columns.

    `version` is what SQuAD's file says of itself.
    """

    where: str
    columns: dict[str, Any]
    version: str | None = None


def _objects(repeated: list[str]) -> type[dict[str, Any]]:
    """Return what objects are kept in, which tells of each key that is given twice in one.

    Parsers take the last in silence, and ijson's in C lets nothing be raised here.
    """

    class Telling(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if key in self:
                repeated.append(key)
            super().__setitem__(key, value)

    return Telling


def read_json(path: Path, bad: BadRows) -> Iterator[Row]:
    """Yield the rows of a file of any of these; raise DataError.

    Which it is, its beginning tells.
    """
    if problem := json_problem(partial(open_bytes, path)):
        raise DataError(f"{path}: not usable JSON: it {problem}")
    try:
        layout, squad = _layout(path)
        if layout == "lines":
            yield from _refuse_columns(path, read_json_lines(path, bad))
        elif squad:
            yield from _squad_rows(path, bad)
        else:
            yield from _listed_rows(path, "data.item" if layout == "data" else "item", bad)
    except ijson.JSONError as error:
        if "UTF8" in str(error):  # ijson names no byte
            raise DataError(f"{path}: {not_utf8(b'')}") from None
        raise DataError(f"{path}: not valid JSON: {_reason(error)}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: {not_utf8(b'', error.start)}") from None


def _refuse_columns(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows; raise DataError for a single one of lists, one value a row, as pandas has it."""
    first, second = next(rows, None), next(rows, None)
    if first and not second:
        lengths = {len(v) if isinstance(v, list) else 0 for v in first.columns.values()}
        if len(first.columns) > 1 and len(lengths) == 1 and max(lengths) > 1:
            raise DataError(
                f"{path}: holds columns of {max(lengths):,} values each, and a data set is read by "
                "rows; save it as .jsonl, an object a row (pandas: orient='records', lines=True)"
            )
    yield from (row for row in (first, second) if row)
    yield from rows


def read_json_lines(path: Path, bad: BadRows) -> Iterator[Row]:
    """Yield the rows of a file that has an object a line; raise DataError."""
    for number, line in numbered_lines(path, bad.refuse if bad.skip else None):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            content = parse_json(line)
        except json.JSONDecodeError as error:
            cut = "" if line.endswith("\n") else ", and the file ends here: is it cut off"
            bad.refuse(where, f"not valid JSON: {error.msg}{cut}")
        except (ValueError, RecursionError) as error:
            bad.refuse(where, f"not valid JSON: {error}")
        else:
            if isinstance(content, dict):
                yield Row(where, content)
            else:
                bad.refuse(where, "must be a JSON object, of columns and values")


def _layout(path: Path) -> tuple[str, bool]:
    """Return whether a file is a list, an object with a list `data`, or has an object a line.

    And whether it is SQuAD's: its items have paragraphs.
    """
    with open_bytes(path) as file:
        beginning = file.read(4)
    if is_utf_16(beginning):
        raise DataError(f"{path}: {not_utf8(beginning)}")
    with open_bytes(path) as file:
        _skip_byte_order_mark(file)
        for prefix, event, _ in ijson.parse(file, multiple_values=True):
            if (prefix, event) == ("", "start_array"):
                return "list", False
            if (prefix, event) == ("data.item", "start_map"):
                return "data", _has_paragraphs(path)
            if (prefix, event) == ("data", "end_array"):
                return "data", True  # without anything in it
            if (prefix, event) == ("", "end_map"):
                return "lines", False
            if prefix == "" and event not in ("start_map", "map_key"):
                break
    raise DataError(
        f"{path}: must be SQuAD's data set, a list of objects, or an object a line; it is none"
    )


def _has_paragraphs(path: Path) -> bool:
    with open_bytes(path) as file:
        _skip_byte_order_mark(file)
        for prefix, event, _ in ijson.parse(file):
            if (prefix, event) == ("data.item.paragraphs", "start_array"):
                return True
            if (prefix, event) == ("data.item", "end_map"):
                return False
    return False


def _listed_rows(path: Path, prefix: str, bad: BadRows) -> Iterator[Row]:
    number = 0
    repeated: list[str] = []
    try:
        with open_bytes(path) as file:
            _skip_byte_order_mark(file)
            objects = _objects(repeated)
            for content in ijson.items(file, prefix, use_float=True, map_type=objects):
                number += 1
                where = f"{path}: row {number}"
                if repeated:  # in this row, or in one that was parsed with it
                    raise DataError(
                        f"{path}: {repeated[0]!r} is given twice in one object, in row {number} or "
                        "soon after; keep one"
                    )
                if isinstance(content, dict):
                    yield Row(where, content)
                else:
                    bad.refuse(where, "must be a JSON object, of columns and values")
    except ijson.IncompleteJSONError as error:
        raise DataError(
            f"{path}: not valid JSON after row {number}: {_reason(error)}; is it cut off"
        ) from None


def _squad_rows(path: Path, bad: BadRows) -> Iterator[Row]:
    """Yield a file's questions. It is read twice: a title may stand after its paragraphs."""
    paragraph_counts, version = _outline(path)
    with open_bytes(path) as file:
        _skip_byte_order_mark(file)
        paragraphs = ijson.items(file, "data.item.paragraphs.item", use_float=True)
        for title, count in paragraph_counts:
            for _ in range(count):
                content = next(paragraphs)
                if not isinstance(content, dict) or not isinstance(content.get("qas"), list):
                    bad.refuse(
                        f"{path}: a paragraph of {title!r}",
                        "has no list `qas`; it is not laid out as SQuAD's data set",
                    )
                    continue
                yield from _questions(path, title, content, version, bad)


def _questions(
    path: Path, title: str | None, paragraph: Any, version: str | None, bad: BadRows
) -> Iterator[Row]:
    for number, question in enumerate(paragraph["qas"], start=1):
        name = question.get("id") if isinstance(question, dict) else None
        where = f"{path}: {title!r}: question {name or number!r}"
        if not isinstance(question, dict) or question.get("answers") is None:
            bad.refuse(where, "has no `answers`; it is not laid out as SQuAD's data set")
            continue
        columns = {"title": title, "context": paragraph.get("context"), **question}
        yield Row(where, columns, version)


def _outline(path: Path) -> tuple[list[tuple[str | None, int]], str | None]:
    """Return each article's title and how many paragraphs it has, and the file's version.

    Raises DataError for a key that is given twice in one object, of which ijson takes the last.
    """
    keys_of_open_objects: list[set[str]] = []
    paragraph_counts: list[tuple[str | None, int]] = []
    title: str | None = None
    version: str | None = None
    count = 0
    with open_bytes(path) as file:
        _skip_byte_order_mark(file)
        for prefix, event, value in ijson.parse(file):
            if event == "start_map":
                keys_of_open_objects.append(set())
            elif event == "end_map":
                keys_of_open_objects.pop()
            elif event == "map_key":
                if value in keys_of_open_objects[-1]:
                    where = f"{prefix}.{value}".lstrip(".").replace(".item", "[]")
                    raise DataError(f"{path}: {where}: is given twice in one object; keep one")
                keys_of_open_objects[-1].add(value)
            if prefix == "data.item.paragraphs.item" and event == "start_map":
                count += 1
            elif prefix == "data.item.title" and event == "string":
                title = value
            elif prefix == "data.item" and event == "start_map":
                title, count = None, 0
            elif prefix == "data.item" and event == "end_map":
                paragraph_counts.append((title, count))
            elif prefix == "version" and event in ("string", "number"):
                version = str(value)
    return paragraph_counts, version


def _skip_byte_order_mark(file: BufferedReader) -> None:
    """Go past a byte order mark."""
    if file.peek(3)[:3] == b"\xef\xbb\xbf":
        file.read(3)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())
