"""The leaderboard of scored files as a person reads it."""

from tabulate import tabulate

from harness.leaderboard.leaderboard import Leaderboard, Row

_SPLITS = ("HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1")
_BEST = ("best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh")


def score_tables(board: Leaderboard) -> str:
    """Return the table of a task's systems, scores times 100, and SQuAD's splits if there are."""
    (task,) = board.primary
    primary = board.primary[task]
    names = list(board.rows[0].metrics)
    header = [task, *(f"{name} *" if name == primary else name for name in names), "n", "missing"]
    body = [
        [row.model, *(_percent(row, name) for name in names), row.counts.expected,
         row.counts.missing]
        for row in board.rows
    ]  # fmt: skip
    parts = [_table(header, body)]
    columns = [
        name for name in (*_SPLITS, *_BEST) if any(name in (row.squad or {}) for row in board.rows)
    ]
    if columns:
        parts.append(_table(
            ["as SQuAD 2.0", *columns],
            [[row.model, *(_official(row, name) for name in columns)] for row in board.rows],
        ))  # fmt: skip
    signatures = [number.signature_short for number in board.rows[0].metrics.values()]
    parts.append("Scores are means times 100; * sorts the table.\n" + "  ".join(signatures))
    return "\n\n".join(parts)


def _table(header: list[str], body: list[list[object]]) -> str:
    aligned = ("left", *["right"] * (len(header) - 1))
    return tabulate(body, header, colalign=aligned, disable_numparse=True)


def _percent(row: Row, name: str) -> str:
    mean = row.metrics[name].mean
    return "-" if mean is None else f"{100 * mean:.1f}"


def _official(row: Row, name: str) -> str:
    value = (row.squad or {}).get(name)
    if value is None:
        return "-"
    return f"{value:.3f}" if name.endswith("_thresh") else f"{value:.1f}"
