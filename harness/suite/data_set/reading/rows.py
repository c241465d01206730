"""The rows of a data set: of a file, of several, of a folder, or of a commit on the Hub.

`datasets` only says which files a folder's splits are; all are read here, from this disk alone:
given a name on the Hub and no network, `datasets` takes a folder of that name, or whatever commit
it had last. So the files of the commit come first, by the Hub's own client, and then their folder
is read.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.errors import DataError
from harness.suite.data_set.reading.arrow_rows import read_arrow
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.reading.folders import Files, source_files
from harness.suite.data_set.reading.json_rows import Row, read_json, read_json_lines
from harness.suite.data_set.reading.lines import TableLine, csv_lines, table_header, tsv_lines
from harness.suite.data_set.reading.packed import format_of
from harness.suite.data_set.source import Source

# Of the columns of a table, which are read.
Choose = Callable[[Sequence[str]], Sequence[str]]

LONGEST_CELL = 10_000_000  # characters: no article is longer, but what a quote not closed takes in
_NO_LIMIT = 2**31 - 1
_NO_QUOTING = "; a TSV has no quoting, so a text holds no tab and no line break: save it as .csv"


def read_rows(source: Source, bad: BadRows, choose: Choose) -> Iterator[Row]:
    """Yield the rows of a data set, of the Hub's after fetching its files where they are not here.

    `choose` is given the names of a file's columns, before its rows, and returns those to be read.
    Raises DataError for what cannot be read, lacks a part, or leads out of the folder or commit;
    UsageError where a package is missing.
    """
    files = source_files(source)
    count = 0
    for file in files.paths:
        for row in _rows_of_file(file, bad, choose):
            count += 1
            yield row
    _refuse_fewer(source, files, count + bad.count)


def _rows_of_file(path: Path, bad: BadRows, choose: Choose) -> Iterator[Row]:
    file_format = format_of(path)
    if file_format in ("parquet", "arrow"):
        yield from read_arrow(path, file_format, choose)
    elif file_format in ("csv", "tsv"):
        # What is longer is looked at as any other cell is, where bad rows are left out.
        longest = _NO_LIMIT if bad.skip else LONGEST_CELL
        lines = csv_lines(path, longest) if file_format == "csv" else tsv_lines(path)
        hint = _NO_QUOTING if file_format == "tsv" else ""
        yield from _table_rows(path, lines, hint, bad, choose)
    else:
        read = read_json if file_format == "json" else read_json_lines
        first = True
        for row in read(path, bad):
            if first:
                choose([*row.columns])
                first = False
            yield row


def _table_rows(
    path: Path, lines: Iterator[TableLine], hint: str, bad: BadRows, choose: Choose
) -> Iterator[Row]:
    header: Sequence[str] | None = None
    for number, cells, _ in lines:
        where = f"{path}:{number}"
        if header is None:
            header = table_header(cells, where)
            choose(header)
        elif len(cells) != len(header):
            bad.refuse(where, f"{len(cells)} cells under {len(header)} names{hint}")
        else:
            yield Row(where, dict(zip(header, cells, strict=True)))


def _refuse_fewer(source: Source, files: Files, count: int) -> None:
    """Raise DataError for a commit that has fewer rows here than its page says."""
    if source.hub and files.expected_rows and count != files.expected_rows:
        raise DataError(
            f"{source.label}: has {count:,} rows here, and {files.expected_rows:,} by its own "
            f"page, so a part of it is missing; {files.again}"
        )
