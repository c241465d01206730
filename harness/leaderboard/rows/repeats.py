"""How a row's scores vary from one time to the next that its model was asked the same."""

from array import array
from collections.abc import Sequence

import numpy as np

from harness.leaderboard.numbers import RepeatsLine
from harness.records import ScoredPrediction
from harness.stats import repeat_variance


def repeats_line(scored: Sequence[ScoredPrediction], metric: str) -> RepeatsLine | None:
    """Return how a metric varies; `None` for a row whose model was asked once."""
    first = next(iter(scored), None)
    if first is None or not first.repeats:
        return None  # nothing more is read
    scores, counts = array("d"), array("q")
    count = failed = 0
    for scored_prediction in scored:
        parts = scored_prediction.parts
        values = [part.scores[metric] for part in parts if part.scores]
        scores.extend(values)
        counts.append(len(values))
        count = max(count, len(parts))
        failed += len(parts) - len(values)
    variance = repeat_variance(np.frombuffer(scores), np.frombuffer(counts, np.int64))
    return RepeatsLine(
        count=count,
        failed=failed,
        within_variance=variance.within,
        between_variance=variance.between,
    )
