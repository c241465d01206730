"""Small data sets of invented text, in each format and layout that they come in."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]

# What the lead of three sentences and each reference share is counted by hand in the tests.
SUMMARIES: Rows = [
    {
        "id": f"a{number}",
        "article": f"{who} opened the mill in {town}. It grinds oats. Nobody came. It rained.",
        "highlights": f"{who} opened the mill in {town}.\nIt grinds oats.",
    }
    for number, (who, town) in enumerate([("Ann", "Avel"), ("Bo", "Brin"), ("Cy", "Corl")])
]

QUESTIONS: Rows = [
    {"id": "q1", "context": "Ann lives in Avel.", "question": "Who?", "answers": ["Ann"]},
    {"id": "q2", "context": "Ann lives in Avel.", "question": "Where?", "answers": ["Avel", "in Avel"]},
    {"id": "q3", "context": "Bo left.", "question": "Why?", "answers": []},
]  # fmt: skip


def renamed(rows: Rows, **names: str) -> Rows:
    """Return rows with columns under other names: `article="body"`."""
    return [{names.get(key, key): value for key, value in row.items()} for row in rows]


def without(rows: Rows, *columns: str) -> Rows:
    """Return rows without some columns."""
    return [{key: value for key, value in row.items() if key not in columns} for row in rows]


def json_lines(rows: Rows) -> bytes:
    """Return an object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def json_list(rows: Rows) -> bytes:
    """Return a list of objects."""
    return json.dumps(list(rows)).encode()


def delimited(rows: Rows, delimiter: str = ",") -> bytes:
    """Return a CSV, as pandas writes one: a list stands in a cell as Python writes it."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [*rows[0]], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def tsv(rows: Rows) -> bytes:
    """Return a TSV, in which no text has a line break."""
    flat = [{k: v.replace("\n", " ") if isinstance(v, str) else v for k, v in row.items()} for row in rows]  # fmt: skip
    lines = [[*flat[0]], *([str(value) for value in row.values()] for row in flat)]
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def parquet(rows: Rows) -> bytes:
    """Return a Parquet file, in groups of two rows."""
    import pyarrow as pa
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pylist(list(rows)), sink, row_group_size=2)
    return sink.getvalue()


def arrow(rows: Rows, *, indexed: bool = False) -> bytes:
    """Return an Arrow file: a stream, as `datasets` saves it, or with an index."""
    import pyarrow as pa
    import pyarrow.ipc

    table = pa.Table.from_pylist(list(rows))
    sink = io.BytesIO()
    new = pyarrow.ipc.new_file if indexed else pyarrow.ipc.new_stream
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def zipped(data: bytes, *names: str) -> bytes:
    """Return an archive with a file, or with several of the same."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names or ("inside.jsonl",):
            archive.writestr(name, data)
    return file.getvalue()


def zstd(data: bytes) -> bytes:
    """Return what zstd makes of data, by pyarrow."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


# By a file's name, what writes it.
FORMATS: Mapping[str, Callable[[Rows], bytes]] = {
    "a.jsonl": json_lines,
    "a.ndjson": json_lines,
    "a.json": json_list,
    "lines.json": json_lines,  # as `datasets` writes JSON
    "data.json": lambda rows: b'{"data": ' + json_list(rows) + b"}",
    "a.csv": delimited,
    "a.parquet": parquet,
    "a.arrow": arrow,
    "indexed.arrow": lambda rows: arrow(rows, indexed=True),
    "a.jsonl.gz": lambda rows: gzip.compress(json_lines(rows)),
    "a.json.bz2": lambda rows: bz2.compress(json_list(rows)),
    "a.csv.xz": lambda rows: lzma.compress(delimited(rows)),
    "a.jsonl.zip": lambda rows: zipped(json_lines(rows)),
    "a.jsonl.zst": lambda rows: zstd(json_lines(rows)),
    "bom.jsonl": lambda rows: b"\xef\xbb\xbf" + json_lines(rows),
}
