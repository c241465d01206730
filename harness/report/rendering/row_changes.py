"""Which rows moved between two runs, the largest loss first."""

from dataclasses import dataclass

from harness.report.content.comparison import Comparison, RowChange


@dataclass(frozen=True)
class ChangedRows:
    """The rows in which anything is different, and the names of the others."""

    rows: tuple[RowChange, ...]
    unchanged: tuple[str, ...]


def changed_rows(comparison: Comparison) -> ChangedRows:
    """Return the rows by rising difference; those that are not comparable stand last."""
    changed = [row for row in comparison.rows if _has_changed(row)]
    changed.sort(key=lambda row: (bool(row.refused), row.difference or 0.0))
    others = [f"{row.model} ({row.group})" for row in comparison.rows if not _has_changed(row)]
    return ChangedRows(tuple(changed), tuple(others))


def _has_changed(row: RowChange) -> bool:
    """Return whether anything but the machine differs in a row."""
    changes = [change for change in row.changes if change.part != "machine"]
    sets = (row.refused, row.missing, row.added, row.failed, row.recovered)
    return bool(changes or any(sets) or row.other_outputs or row.difference)
