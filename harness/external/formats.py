"""Files of records that other tools wrote, read record by record.

The format is told by the suffix, or by name:

    jsonl     one JSON object a line                                  .jsonl .ndjson
    csv       a header, then one record a row                         .csv
    tsv       the same; a quote is a character like any               .tsv
    json      SQuAD's data set; or texts by id; or a list of objects  .json
    lines     one text a line                                         .txt
    data      Parquet, or a data set's folder                         .parquet, a folder

Everything but `json` is read as a stream. An error names the file and the line or record.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from harness.encoding import refuse_packed
from harness.errors import DataError, UsageError
from harness.external import parquet
from harness.files import parse_json, refuse_no_file
from harness.suite.data_set.reading.lines import (
    TableLine,
    csv_lines,
    numbered_lines,
    table_header,
    tsv_lines,
)
from harness.text import replace_lone_surrogates

Format = Literal["jsonl", "csv", "tsv", "json", "lines", "data"]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "tsv", "json", "lines", "data")

_SUFFIXES: Mapping[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".json": "json",
    ".txt": "lines", ".parquet": "data",
}  # fmt: skip


_NO_QUOTING = "; a TSV has no quoting, so a text holds no tab and no line break: save it as .csv"
UNNAMED = ""  # the field of a text that has no name: a plain line, or the value of an id


class Passage(NamedTuple):
    """Where a question of SQuAD's data set stands: `number` counts the set's paragraphs."""

    title: str | None
    number: int
    context: str | None
    question: str | None


class Record(NamedTuple):
    """One record: its place in the file, for messages, and its fields by name.

    A question of SQuAD's data set has its `passage`.
    """

    where: str
    fields: Mapping[str, object]
    passage: Passage | None = None


def format_of(path: Path, explicit: Format | None) -> Format:
    """Return the format of a file by its suffix, or the one given; raise DataError, UsageError."""
    if not path.exists():
        raise DataError(f"{path}: there is no such file")
    if path.is_dir():
        return "data"
    if not path.is_file():
        raise DataError(f"{path}: not a regular file; it is read twice, so save it first")
    refuse_no_file(path)
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
    `answers`, `is_impossible`, the set's `version` and a `title` where there is one.
    """
    if file_format == "lines":
        for number, line in numbered_lines(path):
            yield Record(f"{path}:{number}", {UNNAMED: line.rstrip("\n").removesuffix("\r")})
    elif file_format == "jsonl":
        yield from _json_lines(path)
    elif file_format == "json":
        yield from _json_records(path)
    elif file_format == "data":
        for where, row in parquet.read_rows(path, keep_field):
            yield Record(where, row)
    elif file_format == "csv":
        yield from _table_rows(path, csv_lines(path))
    else:
        yield from _table_rows(path, tsv_lines(path), _NO_QUOTING)


def read_json(path: Path) -> object:
    """Return a JSON file's content; raise DataError, also for a key given twice in one object."""
    return _parse("".join(line for _, line in numbered_lines(path)), path)


def _json_lines(path: Path) -> Iterator[Record]:
    for number, line in numbered_lines(path):
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
    number = paragraphs = 0
    try:
        for article in articles:
            for paragraph in article["paragraphs"]:
                paragraphs += 1
                for question in paragraph["qas"]:
                    number += 1
                    where = f"{path}: question {question['id']!r}"
                    if question["answers"] is None:
                        raise DataError(f"{where}: answers is null; write [] if there is none")
                    fields = {"id": question["id"], "answers": question["answers"]}
                    flag = {"is_impossible": question.get("is_impossible")}
                    passage = Passage(
                        _text_or_none(article.get("title")),
                        paragraphs,
                        _text_or_none(paragraph.get("context")),
                        _text_or_none(question.get("question")),
                    )
                    title = {} if passage.title is None else {"title": passage.title}
                    yield Record(where, fields | flag | title | {"version": version}, passage)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise DataError(
            f"{path}: not SQuAD's data set after question {number} "
            f"({type(error).__name__}: {error})"
        ) from None


def _text_or_none(value: object) -> str | None:
    return replace_lone_surrogates(value) if isinstance(value, str) else None


def _table_rows(path: Path, lines: Iterator[TableLine], hint: str = "") -> Iterator[Record]:
    header: Sequence[str] | None = None
    for number, cells, _ in lines:
        where = f"{path}:{number}"
        if header is None:
            header = table_header(cells, where)
        elif len(cells) != len(header):
            raise DataError(f"{where}: {len(cells)} cells under {len(header)} names{hint}")
        else:
            yield Record(where, dict(zip(header, cells, strict=True)))


def _parse(text: str, path: Path, line: int | None = None) -> object:
    try:
        parsed: object = parse_json(text, strict=True)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{line or error.lineno}: not valid JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        where = f"{path}:{line}" if line else str(path)
        raise DataError(f"{where}: not valid JSON: {error}") from None
    return parsed
