"""Statements that a summary may tell: those that people looked for in it, or its references'."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.agreement.judgments.columns import Columns
from harness.errors import DataError


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and whether people found it in the summary, `None` where nobody looked."""

    text: str
    present: bool | None = None


def read_statements(
    record: Mapping[str, object], columns: Columns, where: str
) -> tuple[Statement, ...]:
    """Return the statements of a line: a list of objects with `statement` and `present`.

    `present` is the share of people who found it; more than half of them must have. Other lists
    are no statements. Raises DataError for statements that are no texts or shares.
    """
    items = columns.value(record, "statements")
    if not isinstance(items, list):
        return ()
    named = [item for item in items if isinstance(item, Mapping) and "statement" in item]
    return tuple(_statement(item, f"{where}: statement {n}") for n, item in enumerate(named, 1))


def _statement(item: Mapping[str, object], where: str) -> Statement:
    text, present = item["statement"], item.get("present")
    if not isinstance(text, str):
        raise DataError(f"{where}: must be a text, not {text!r:.40}")
    if present is None:
        return Statement(text)
    if not isinstance(present, bool | int | float) or not 0 <= present <= 1:
        raise DataError(f"{where}: present: must be from 0 to 1, not {present!r:.40}")
    return Statement(text, present > 0.5)
