"""Rows in and rows out: a network that gives more or fewer gives texts of other articles."""

from collections.abc import Sized

from harness.errors import ModelError


def check_row_count(rows: Sized, expected: int) -> None:
    """Raise ModelError unless a network gave a row for each that it got."""
    if len(rows) != expected:
        raise ModelError(
            f"the model gave {len(rows)} rows for {expected}: which is whose cannot be told"
        )
