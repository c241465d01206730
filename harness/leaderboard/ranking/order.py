"""The order of rows: best first by a metric."""

import math
from collections.abc import Callable

from harness.leaderboard.leaderboard import Row
from harness.metrics.declaration import Declaration


def best_first(metric: str, declaration: Declaration) -> Callable[[Row], tuple[float, str]]:
    """Return a key by which rows are sorted best first; equal ones by name, those of no mean last.

    Rows are sorted by their own means, over the examples that each was scored on.
    """

    def key(row: Row) -> tuple[float, str]:
        mean = row.metrics[metric].mean
        return (math.inf if mean is None else -declaration.sign * mean, row.model)

    return key
