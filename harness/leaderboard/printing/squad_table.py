"""What the official SQuAD script says of a leaderboard's rows, as a person reads it: in percent."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import Row
from harness.tables.table import ALWAYS, Column, Table, TableRow

_V1 = ("exact_match", "f1")
_V2 = (
    "exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1",
    "best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh",
)  # fmt: skip


# The order in which columns go where the width is too small for all.
_GOING = (
    "best_exact_thresh", "best_f1_thresh", "best_exact", "best_f1",
    "HasAns_exact", "NoAns_exact", "HasAns_f1", "NoAns_f1", "exact", "exact_match",
)  # fmt: skip


def squad_table(
    rows: Sequence[Row], names: Sequence[str] | None = None, digits: int = 2
) -> Table | None:
    """Return the table of the rows' official numbers of those names, or of all; `None` if none."""
    squad_numbers = [row.squad or {} for row in rows]
    version = "2.0" if any("exact" in numbers for numbers in squad_numbers) else "1.1"
    columns = [
        name
        for name in names or (_V2 if version == "2.0" else _V1)
        if any(name in numbers for numbers in squad_numbers)
    ]
    if not columns:
        return None
    return Table(
        (
            Column(f"as SQuAD {version}{_other_rule(rows)}", align="left", names=True),
            *(Column(name, _keep(name)) for name in columns),
        ),
        tuple(
            TableRow(
                (
                    row.model if row.role == "model" else f"({row.model})",
                    *(_cell(numbers.get(name), name, digits) for name in columns),
                ),
                "plain" if row.role == "model" else "dim",
            )
            for row, numbers in zip(rows, squad_numbers, strict=True)
        ),
    )


def _other_rule(rows: Sequence[Row]) -> str:
    """Return the rule by which answers were normalized, where it is not the script's own."""
    signatures = [row.metrics["f1"].signature for row in rows if "f1" in row.metrics]
    for part in signatures[0].split("|") if signatures else ():
        if part.startswith("normalize:") and part != "normalize:squad":
            return f", {part.removeprefix('normalize:').split('-')[0]}"
    return ""


def _keep(name: str) -> float:
    return _GOING.index(name) if name in _GOING else ALWAYS


def _cell(value: float | None, name: str, digits: int) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if name.endswith("_thresh") else f"{value:.{digits}f}"
