"""What asking judges about sets would take, in each format."""

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, fields

from harness.agreement.judges import JudgeCost
from harness.tables.cells import csv_text
from harness.tables.table import Column, Note, Notes, Part, Table, TableRow

_COLUMNS = (
    Column("judge", align="left", names=True),
    Column("set", align="left"),
    Column("texts", keep=1),
    Column("calls"),
    Column("stored", keep=3),
    Column("tokens", keep=4),
    Column("cost", keep=5),
    Column("seconds", keep=2),
)


def costs_parts(costs: Sequence[JudgeCost]) -> list[Part]:
    """Return a row for each judge and set, and what the numbers are."""
    rows = tuple(
        TableRow(
            (
                cost.judge,
                cost.set,
                f"{cost.texts:,}",
                f"{cost.calls:,}",
                f"{cost.stored:,}",
                "" if cost.tokens is None else f"{cost.tokens:,}",
                "" if cost.cost is None else f"{cost.cost:.4g}",
                "" if cost.seconds is None else f"{cost.seconds:,.0f}",
            )
        )
        for cost in costs
    )
    note = (
        "Calls are different claims, those that are stored among them. Tokens and cost are of the "
        "others: all that is read, and the most that may be written. Seconds are by what the "
        "judge's judgments there took, as soon as there are some. Nobody was asked."
    )
    return [Table(_COLUMNS, rows), Notes((Note(note),))]


def costs_csv(costs: Sequence[JudgeCost]) -> str:
    """Return the same as CSV, numbers in full."""
    return csv_text([field.name for field in fields(JudgeCost)], map(astuple, costs))


def costs_json(costs: Sequence[JudgeCost]) -> str:
    """Return the same as JSON."""
    return json.dumps([asdict(cost) for cost in costs], indent=2)
