"""Which rows moved between two runs, the largest loss first."""

from dataclasses import dataclass

from harness.report.content.comparison import Comparison, RowChange


@dataclass(frozen=True)
class Movement:
    """The rows in which anything is different, and the names of the others."""

    rows: tuple[RowChange, ...]
    unmoved: tuple[str, ...]


def movement(comparison: Comparison) -> Movement:
    """Return the rows by rising difference; those that are not comparable stand last."""
    moved = [row for row in comparison.rows if _moved(row)]
    moved.sort(key=lambda row: (bool(row.refused), row.difference or 0.0))
    others = [f"{row.model} ({row.group})" for row in comparison.rows if not _moved(row)]
    return Movement(tuple(moved), tuple(others))


def _moved(row: RowChange) -> bool:
    """Return whether anything but the machine differs in a row."""
    changes = [one for one in row.changes if one.part != "machine"]
    sets = (row.refused, row.missing, row.added, row.failed, row.recovered)
    return bool(changes or any(sets) or row.other_outputs or row.difference)
