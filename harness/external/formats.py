"""Files of records that other tools wrote, read record by record.

The format is told by the suffix, or by name:

    jsonl     one JSON object a line                                  .jsonl .ndjson
    csv, tsv  a header, then one record a row                         .csv .tsv
    json      SQuAD's data set; or texts by id; or a list of objects  .json
    lines     one text a line                                         .txt
    data      Parquet, or a data set's folder                         .parquet, a folder

Everything but `json` is read as a stream. An error names the file and the line or record.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

from harness.errors import DataError, UsageError
from harness.external import parquet
from harness.files import is_utf_16, not_utf8, refuse_packed

Format = Literal["jsonl", "csv", "tsv", "json", "lines", "data"]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "tsv", "json", "lines", "data")

_SUFFIXES: Mapping[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".json": "json",
    ".txt": "lines", ".parquet": "data",
}  # fmt: skip


UNNAMED = ""  # the field of a text that has no name: a plain line, or the value of an id


class Record(NamedTuple):
    """One record: its place in the file, for messages, and its fields by name."""

    where: str
    fields: Mapping[str, object]


def format_of(path: Path, explicit: Format | None) -> Format:
    """Return the format of a file by its suffix, or the one given; raise DataError, UsageError."""
    if not path.exists():
        raise DataError(f"{path}: there is no such file")
    if path.is_dir():
        return "data"
    if not path.is_file():
        raise DataError(f"{path}: not a regular file; it is read twice, so save it first")
    refuse_packed(path)
    file_format = explicit or _SUFFIXES.get(path.suffix.lower())
    if file_format is None:
        raise UsageError(
            f"{path}: its suffix tells no format; give --references-format or "
            f"--predictions-format, of {', '.join(FORMATS)}"
        )
    return file_format


def read_records(
    path: Path, file_format: Format, keep_field: Callable[[str], bool]
) -> Iterator[Record]:
    """Yield a file's records in order; raise DataError.

    Of `data` only the fields whose names `keep_field` accepts are read. A plain line has the one
    field `UNNAMED`, a pair of `{id: text}` has `id` too, a question of SQuAD's data set has `id`,
    `answers` and the set's `version`.
    """
    if file_format == "lines":
        for number, line in _numbered_lines(path):
            yield Record(f"{path}:{number}", {UNNAMED: line.rstrip("\n").removesuffix("\r")})
    elif file_format == "jsonl":
        yield from _json_lines(path)
    elif file_format == "json":
        yield from _json_records(path)
    elif file_format == "data":
        for where, row in parquet.read_rows(path, keep_field):
            yield Record(where, row)
    else:
        yield from _csv_rows(path, "," if file_format == "csv" else "\t")


def read_json(path: Path) -> object:
    """Return a JSON file's content; raise DataError, also for a key given twice in one object."""
    return _parse("".join(line for _, line in _numbered_lines(path)), path)


def _json_lines(path: Path) -> Iterator[Record]:
    for number, line in _numbered_lines(path):
        if not line.strip():
            continue
        content = _parse(line, path, number)
        if not isinstance(content, dict):
            raise DataError(f"{path}:{number}: must be a JSON object")
        yield Record(f"{path}:{number}", content)


def _json_records(path: Path) -> Iterator[Record]:
    content = read_json(path)
    if isinstance(content, list):
        for number, record in enumerate(content, start=1):
            if not isinstance(record, dict):
                raise DataError(f"{path}: record {number}: must be a JSON object")
            yield Record(f"{path}: record {number}", record)
    elif isinstance(content, dict) and isinstance(content.get("data"), list):
        yield from _squad_records(path, content["data"], content.get("version"))
    elif isinstance(content, dict):
        for key, text in content.items():
            yield Record(f"{path}: {key!r}", {"id": key, UNNAMED: text})
    else:
        raise DataError(f"{path}: must be SQuAD's data set, texts by id, or a list of objects")


def _squad_records(path: Path, articles: Sequence[Any], version: object) -> Iterator[Record]:
    number = 0
    try:
        for article in articles:
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"]:
                    number += 1
                    where = f"{path}: question {question['id']!r}"
                    fields = {"id": question["id"], "answers": question["answers"]}
                    yield Record(where, fields | {"version": version})
    except (KeyError, TypeError, IndexError) as error:
        raise DataError(
            f"{path}: not SQuAD's data set after question {number} "
            f"({type(error).__name__}: {error})"
        ) from None


def _csv_rows(path: Path, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(2**31 - 1)  # the default is shorter than some articles
    reader = csv.reader(
        (line for _, line in _numbered_lines(path)), delimiter=delimiter, strict=True
    )
    header: list[str] | None = None
    line = 1
    try:
        for row in reader:
            where = f"{path}:{line}"
            if header is None:
                header = row
                if len(set(row)) < len(row) or "" in row:
                    raise DataError(f"{where}: the header's names must differ and not be empty")
            elif row and len(row) != len(header):
                raise DataError(f"{where}: {len(row)} cells under {len(header)} names")
            elif row:
                yield Record(where, dict(zip(header, row, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}:{line}: not valid CSV: {error}") from None


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file with their numbers; only line feeds end a line."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1 and is_utf_16(line):
                    raise DataError(f"{path}: {not_utf8(line)}")
                try:
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise DataError(f"{path}:{number}: {not_utf8(b'', error.start)}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _parse(text: str, path: Path, line: int | None = None) -> object:
    try:
        parsed: object = json.loads(
            text, parse_constant=_reject_constant, object_pairs_hook=_reject_duplicate_keys
        )
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{line or error.lineno}: not valid JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        where = f"{path}:{line}" if line else str(path)
        raise DataError(f"{where}: not valid JSON: {error}") from None
    return parsed


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _reject_duplicate_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        (duplicate, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{duplicate!r} is given twice in one object")
    return parsed
