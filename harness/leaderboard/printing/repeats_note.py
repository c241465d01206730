"""That a row's scores are means over repeats, and how they vary."""

import math

from harness.leaderboard.leaderboard import Row
from harness.leaderboard.printing.number_text import score_text
from harness.metrics.declaration import Declaration


def repeats_note(row: Row, metric: str, declaration: Declaration) -> str | None:
    """Return how a row varies, in standard deviations; `None` if it was asked once."""
    repeats = row.repeats
    if repeats is None:
        return None
    text = f"{row.model}: means of {repeats.count} repeats of each example"
    if repeats.within_variance is not None:
        within = _spread(repeats.within_variance, declaration)
        text += f"; {metric} spreads by {within} from one to the next"
        if repeats.between_variance is not None:
            text += f", by {_spread(repeats.between_variance, declaration)} between examples"
        text += " (standard deviations); the interval has both in it"
    if repeats.failed:
        text += f"; {repeats.failed} of {row.counts.expected * repeats.count} failed"
    return f"{text}."


def _spread(variance: float, declaration: Declaration) -> str:
    return score_text(math.sqrt(variance), declaration)
