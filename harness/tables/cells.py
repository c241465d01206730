"""Texts as cells: of CSV and of Markdown, harmless where they are opened or pasted.

Names are hostile text: no cell is a formula to a spreadsheet, none ends its own cell or row, and
what a reader could not see, or what would command a terminal, is a token (`harness.visible`).
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Sequence

from harness.visible import visible_text

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What means something within a cell; of bare addresses, the sign that makes them links.
_MARKDOWN = re.compile(r"[\\`*_\[\]<|~$&]|:(?=//)|(?<=\bwww)\.")
# What notifies people, or points to another page, wherever it stands in a text; a sign before it,
# or its number in HTML, changes nothing of that.
_POINTING = re.compile(r"@(?=[\w\\])|#(?=\d)")
# A number with its interval: brackets that are no link.
_NUMBERS = re.compile(r"[\d\s.,+\-\[\]]*")


def one_line(text: str) -> str:
    r"""Return a text on one line, with nothing in it that cannot be seen.

    >>> one_line("a\n b\x1b[2J")
    'a b⟦U+001B⟧[2J'
    """
    return visible_text(" ".join(text.split()))


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a plain number stays one.

    >>> csv_cell("=1+1"), csv_cell("-0.5"), csv_cell("-a")
    ("'=1+1", '-0.5', "'-a")
    """
    if text.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_line(cells: Sequence[str], end: str = "\r\n") -> str:
    """Return one line of CSV by RFC 4180, or with another end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=end).writerow([csv_cell(cell) for cell in cells])
    return buffer.getvalue()


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a table as CSV, numbers in full, nothing for `None`; lines end as Unix tools expect.

    >>> csv_text(["model", "f1"], [["a, b", 1 / 3], ["c", None]])
    'model,f1\n"a, b",0.3333333333333333\nc,\n'
    """
    return "".join(
        csv_line([_csv_value(value) for value in row], end="\n")
        for row in itertools.chain([header], rows)
    )


def markdown_cell(text: str) -> str:
    r"""Return a cell that holds just this text: no pipe, link, HTML or emphasis, and calls nobody.

    >>> markdown_cell("a|b *c*"), markdown_cell("@everyone")
    ('a\\|b \\*c\\*', '@<!-- -->everyone')
    """
    line = " ".join(text.split())
    if _NUMBERS.fullmatch(line):
        return line
    return _POINTING.sub(r"\g<0><!-- -->", _MARKDOWN.sub(r"\\\g<0>", line))


def _csv_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return visible_text(value)
    return str(value)
