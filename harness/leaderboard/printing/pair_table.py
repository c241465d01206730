"""Rows against each other, two by two, as a person reads it."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import ComparisonLine, Row
from harness.leaderboard.numbers import IntervalLine
from harness.leaderboard.printing.number_text import (
    difference_text,
    interval_text,
    probability_text,
)
from harness.metrics.declaration import Declaration
from harness.tables.table import Table, TableRow, columns_going

# So many pairs of models stand below a table; of more a reader finds none.
MAX_PAIRS = 6

# What the header of such a table ends in.
PAIRWISE = ", pairwise"

PAIR_LEGEND = (
    "pairwise: by how many points the first is above the second, with the 95 % interval of this "
    "difference alone, and together with all others; p by the paired sign-flip test, alone and "
    "adjusted for all; on how many examples the first is better, or worse."
)

_GOING = ("same", "worse", "better", "p", "interval", "together")


def model_pairs(
    rows: Sequence[Row], lines: Sequence[ComparisonLine], wide: bool
) -> list[ComparisonLine]:
    """Return the comparisons of two models; none where they are more than a reader looks through.

    With `wide` all of them. Those with floors stay with the report and the JSON.
    """
    models = {row.model for row in rows if row.role == "model"}
    pairs = [line for line in lines if {line.a, line.b} <= models]
    return pairs if wide or len(pairs) <= MAX_PAIRS else []


def pair_table(lines: Sequence[ComparisonLine], declaration: Declaration) -> Table:
    """Return a table with a row for each comparison, of which there is one at least."""
    header = [f"{lines[0].metric}{PAIRWISE}", "points", "interval", "together", "p", "p adj."]
    header += ["better", "worse", "same"]
    return Table(
        columns_going(header, _GOING),
        tuple(
            TableRow(
                (
                    f"{line.a} - {line.b}",
                    difference_text(line.difference, declaration),
                    _ends(line.interval, declaration),
                    _ends(line.simultaneous, declaration),
                    probability_text(line.p),
                    probability_text(line.p_adjusted),
                    str(line.wins),
                    str(line.losses),
                    str(line.ties),
                )
            )
            for line in lines
        ),
    )


def _ends(interval: IntervalLine | None, declaration: Declaration) -> str:
    return "none" if interval is None else interval_text(interval, declaration, signed=True)
