"""The leaderboard as one flat table, CSV: a line for each row, every number in full."""

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.tables.cells import csv_text

_NUMBERS = ("low", "high", "n", "unseen", "signature")


def leaderboard_csv(board: Leaderboard) -> str:
    """Return the rows of all tasks and scopes; a metric that a task lacks is empty there.

    Means and intervals of shares go from 0 to 1. A metric's columns begin with its name: the mean,
    the interval's ends, over how many predictions, the share of letters that it does not see, and
    the signature. By the primary metric stand how far the row is above the best floor, with the
    interval's ends, and the means by each reference alone, parted by spaces.
    """
    metrics = list(dict.fromkeys(name for row in board.rows for name in row.metrics))
    header = ["suite", "task", "scope", "model", "role", "primary", "rank", "worst_rank"]
    for name in metrics:
        header += [name, *(f"{name}_{number}" for number in _NUMBERS)]
    header += ["floor", "above_floor", "above_floor_low", "above_floor_high", "by_reference"]
    header += ["expected", "ok", "failed", "missing", "cut", "unfinished", "cached"]
    header += [
        "seconds",
        "tokens_per_second",
        "guessed_tokens",
        "right_guesses",
        "peak_memory_bytes",
        "cost",
        "weights_bytes",
        "licence",
    ]
    return csv_text(header, (_cells(board, row, metrics) for row in board.rows))


def _cells(board: Leaderboard, row: Row, metrics: list[str]) -> list[object]:
    counts = row.counts
    cells: list[object] = [board.suite.id, row.task, row.scope, row.model, row.role]
    cells += [board.primary[row.task], row.rank, row.worst_rank]
    for name in metrics:
        number = row.metrics.get(name)
        if number is None:
            cells += [None] * (1 + len(_NUMBERS))
        else:
            interval = number.interval
            cells += [number.mean, interval and interval.low, interval and interval.high]
            cells += [number.n, number.unseen, number.signature]
    above = row.above_floor
    above_interval = above.interval if above else None
    cells += [above and above.floor, above and above.difference]
    cells += [above_interval and above_interval.low, above_interval and above_interval.high]
    cells.append(" ".join(map(repr, row.by_reference)))
    cells += [counts.expected, counts.ok, counts.error, counts.missing, counts.truncated]
    cells += [
        counts.unfinished,
        counts.cached,
        row.seconds,
        row.tokens_per_second,
        row.guessed_tokens,
        row.right_guesses,
        row.peak_memory_bytes,
    ]
    return [*cells, row.cost, row.weights_bytes, row.licence]
