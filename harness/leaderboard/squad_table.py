"""What the official SQuAD script says of a leaderboard's rows, as a person reads it."""

from collections.abc import Sequence

from tabulate import tabulate

from harness.leaderboard.leaderboard import Row

_V1 = ("exact_match", "f1")
_V2 = (
    "exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1",
    "best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh",
)  # fmt: skip


def squad_table(rows: Sequence[Row]) -> str:
    """Return the table of the rows' official numbers in percent; "" if no row has any."""
    squad_numbers = [row.squad or {} for row in rows]
    version = "2.0" if any("exact" in numbers for numbers in squad_numbers) else "1.1"
    columns = [
        name
        for name in (_V2 if version == "2.0" else _V1)
        if any(name in numbers for numbers in squad_numbers)
    ]
    if not columns:
        return ""
    body = [
        [
            row.model if row.role == "model" else f"({row.model})",
            *(_cell(numbers.get(name), name) for name in columns),
        ]
        for row, numbers in zip(rows, squad_numbers, strict=True)
    ]
    header = [f"as SQuAD {version}", *columns]
    alignment = ("left", *["right"] * len(columns))
    return tabulate(body, header, colalign=alignment, disable_numparse=True)


def _cell(value: float | None, name: str) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if name.endswith("_thresh") else f"{value:.2f}"
