"""Where the primary metric of answers ranks a row for how it writes, in sentences."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import ComparisonLine, Leaderboard, Row
from harness.leaderboard.printing.number_text import probability_text, score_text
from harness.metrics.declaration import SHARE, Declaration
from harness.metrics.length import DECLARATION, WORDS

CONTAINS, EXACT = "contains", "exact_match"

# So many pairs, and rows, are named.
MOST_NAMED = 3


def sentence_notes(board: Leaderboard, rows: Sequence[Row], primary: str) -> list[str]:
    """Return where `contains` tells another story of a task's rows than the primary metric.

    Pairs that both show, in opposite orders; and rows of which more answers hold an acceptable one
    than match one exactly, where the 95 % intervals of the two lie apart. Nothing of summaries, or
    where `contains` is not known.
    """
    if not rows or any(name not in rows[0].metrics for name in (CONTAINS, EXACT, WORDS)):
        return []
    task, scope = rows[0].task, rows[0].scope
    by_name = {row.model: row for row in rows}
    declaration = board.metrics[primary].declaration
    contrary = [line for line in board.contrary if (line.task, line.scope) == (task, scope)]
    told = [_contrary(line, by_name, primary, declaration) for line in contrary[:MOST_NAMED]]
    if len(contrary) > MOST_NAMED:
        told.append(f"So it is of {len(contrary) - MOST_NAMED} more pairs.")
    return [*told, *_in_sentences(rows)]


def _contrary(
    line: ComparisonLine, rows: dict[str, Row], primary: str, declaration: Declaration
) -> str:
    above, below = (line.a, line.b) if line.difference < 0 else (line.b, line.a)
    numbers = [
        f"{score_text(rows[above].metrics[name].mean, of)} and "
        f"{score_text(rows[below].metrics[name].mean, of)}"
        for name, of in ((primary, declaration), (CONTAINS, SHARE), (WORDS, DECLARATION))
    ]
    return (
        f"By {primary} {above} stands above {below} ({numbers[0]}), by {CONTAINS} below it "
        f"({numbers[1]}, adjusted p {probability_text(line.p_adjusted)}), in {numbers[2]} words: "
        "which of them answers better these two do not agree on."
    )


def _in_sentences(rows: Sequence[Row]) -> list[str]:
    """Return which rows write the answer among other words, all in one sentence."""
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
