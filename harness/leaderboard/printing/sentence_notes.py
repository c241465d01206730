"""Which rows write an answer among other words, so that exact match does not see it."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import Row
from harness.leaderboard.printing.number_text import score_text
from harness.metrics.declaration import SHARE
from harness.metrics.length import DECLARATION, WORDS

CONTAINS, EXACT = "contains", "exact_match"

# So many rows are named.
MOST_NAMED = 3


def sentence_notes(rows: Sequence[Row]) -> list[str]:
    """Return a sentence that names the rows of a task and scope which answer in sentences, or none.

    Of these more answers hold an acceptable one than match one exactly, and the 95 % intervals of
    the two lie apart. None of summaries, or where `contains` is not known.
    """
    if not rows or any(name not in rows[0].metrics for name in (CONTAINS, EXACT, WORDS)):
        return []
    named = [
        f"{row.model} {score_text(row.metrics[CONTAINS].mean, SHARE)} against "
        f"{score_text(row.metrics[EXACT].mean, SHARE)}, in "
        f"{score_text(row.metrics[WORDS].mean, DECLARATION)} words"
        for row in rows
        if _apart(row)
    ]
    if not named:
        return []
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return [
        "More answers hold an acceptable one (contains) than match one exactly: "
        f"{'; '.join([*named[:MOST_NAMED], *more])}. A longer answer holds more, right or not."
    ]


def _apart(row: Row) -> bool:
    """Whether the interval of `contains` lies above that of exact match."""
    there, exact = row.metrics[CONTAINS].interval, row.metrics[EXACT].interval
    return there is not None and exact is not None and there.low > exact.high
