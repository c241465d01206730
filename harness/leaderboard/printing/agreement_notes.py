"""How far a leaderboard's metrics were found to agree with people, below its tables."""

from harness.leaderboard.leaderboard import Leaderboard
from harness.metrics.agreement.figures import NOT_ESTABLISHED, agreement_text
from harness.tables.table import Note

# Metrics that are told of beside the primary ones where not all are: the columns that stay longest
# on a narrow terminal.
BESIDE = ("support", "unsupported", "coverage", "above_lead", "contains")


HEADING = (
    "Agreement with people, on public sets in English (Spearman's correlation within articles; "
    "pooled: over all texts; even: on every second article; of answers the share that is judged "
    "alike):"
)


def agreement_notes(board: Leaderboard, wide: bool = False) -> tuple[Note, ...]:
    """Return a heading and a note a metric: of the primary ones, and of those read beside them.

    With `wide` one of every metric, with all that is known. Metrics of which nobody knows stand
    together in one.
    """
    names = [name for name in board.metrics if name in board.primary.values()]
    names += [
        name
        for name in (board.metrics if wide else BESIDE)
        if name in board.metrics and name not in names
    ]
    known = [name for name in names if board.metrics[name].agreement]
    unknown = [name for name in names if name not in known]
    if not names:
        return ()
    notes = [
        Note(f"- {name}: {agreement_text(board.metrics[name].agreement, not wide)}.", hang=2)
        for name in known
    ]
    if unknown:
        notes.append(Note(f"- {', '.join(unknown)}: {NOT_ESTABLISHED}.", hang=2))
    return (Note(HEADING), *notes)
