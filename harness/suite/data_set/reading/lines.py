"""The lines of a file of text, and tables that have a row a line: CSV and TSV."""

import csv
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from harness.encoding import is_utf_16, not_utf8
from harness.errors import DataError
from harness.suite.data_set.reading.packed import open_bytes

# A few kilobytes of gzip can hold gigabytes that no line feed parts.
LONGEST_LINE = 100_000_000
# What is told of a row that cannot be read, and where it stands, that the others are read without.
Refuse = Callable[[str, str], None]


class TableLine(NamedTuple):
    """A row of a table: the line that it begins at, its cells, and the lines that it goes over."""

    number: int
    cells: Sequence[str]
    lines: Sequence[str]


def numbered_lines(path: Path, refuse: Refuse | None = None) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file with their numbers; only line feeds end a line.

    Raises DataError for a line without an end, and for one that is no UTF-8, or with `refuse` tells
    it that and goes on.
    """
    with open_bytes(path) as file:
        for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE + 1), b""), start=1):
            if len(line) > LONGEST_LINE:
                raise DataError(
                    f"{path}:{number}: a line of more than {LONGEST_LINE:,} bytes; is it another "
                    "file than it says, or the line breaks lost"
                )
            if number == 1 and is_utf_16(line):
                raise DataError(f"{path}: {not_utf8(line)}")
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                wrong = not_utf8(b"", error.start)
                if refuse is None:
                    raise DataError(f"{path}:{number}: {wrong}") from None
                refuse(f"{path}:{number}", wrong)


def csv_lines(path: Path, longest: int = 2**31 - 1) -> Iterator[TableLine]:
    """Yield the header and the rows of a CSV; raise DataError, also for a cell over `longest`.

    Lines without anything are passed over, but not where they may be a row of one empty cell.
    """
    csv.field_size_limit(longest)  # the default is shorter than some articles
    lines: list[str] = []

    def remembered() -> Iterator[str]:
        for _, line in numbered_lines(path):
            lines.append(line)
            yield line

    reader = csv.reader(remembered(), strict=True)
    columns: int | None = None
    number, empty = 1, 0
    try:
        for cells in reader:
            if cells:
                columns = columns or len(cells)
                if empty and columns == 1:
                    raise DataError(
                        f'{path}:{empty}: has nothing in it, so it may be a row; write "" for an '
                        "empty text"
                    )
                yield TableLine(number, cells, tuple(lines))
            elif columns == 1:
                empty = empty or number
            lines.clear()
            number = reader.line_num + 1
    except csv.Error as error:
        told = f"not valid CSV: {error}"
        if "field limit" in str(error):
            told = f"a cell has more than {longest:,} characters; is a quote not closed"
        elif "end of data" in str(error):
            told = "the file ends within a cell; is a quote not closed, or the file cut off"
        raise DataError(f"{path}:{number}: {told}") from None


def tsv_lines(path: Path) -> Iterator[TableLine]:
    """Yield the header and the rows of a TSV, in which a quote is a character; raise DataError.

    See https://www.iana.org/assignments/media-types/text/tab-separated-values.
    """
    columns: int | None = None
    for number, line in numbered_lines(path):
        text = line.removesuffix("\n").removesuffix("\r")
        if "\r" in text:
            raise DataError(f"{path}:{number}: has a carriage return in a line; save the file anew")
        cells = text.split("\t")
        columns = columns or len(cells)
        if text or columns == 1:
            yield TableLine(number, cells, (line,))


def table_header(cells: Sequence[str], where: str) -> Sequence[str]:
    """Return the names of a table's columns; raise DataError where some are empty or the same.

    pandas gives its column of row numbers no name, and calls it so when it reads one.
    """
    header = ["Unnamed: 0", *cells[1:]] if cells[0] == "" and cells[1:] else cells
    if len(set(header)) < len(header) or "" in header:
        raise DataError(f"{where}: the header's names must differ and not be empty")
    return header


def several_lines(path: Path) -> tuple[str | None, list[tuple[int, dict[str, str]]]]:
    """Return what is to be told of a CSV's rows that go over several lines, and their later lines.

    A quote that is never closed where it should be takes the rows after it into its cell: so each
    later line that would be a row by itself is returned as one.
    """
    rows, lines, long, first = 0, 0, 0, 0
    inner: list[tuple[int, dict[str, str]]] = []
    header: Sequence[str] | None = None
    for row in csv_lines(path):
        lines = row.number + len(row.lines) - 1
        if header is None:
            header = row.cells
            continue
        rows += 1
        if len(row.lines) > 1:
            long += 1
            first = first or row.number
            for number, line in enumerate(row.lines[1:], start=row.number + 1):
                cells = next(csv.reader([line.replace("\r", " ")]), [])
                if len(cells) == len(header):
                    inner.append((number, dict(zip(header, cells, strict=True))))
    if not long:
        return None, inner
    told = "1 row goes" if long == 1 else f"{long} rows go"
    return f"{path}: {rows} rows on {lines} lines; {told} over several, from line {first}", inner
