"""How far a leaderboard's metrics were found to agree with people, below its tables."""

from harness.leaderboard.leaderboard import Leaderboard
from harness.metrics.agreement.figures import NOT_ESTABLISHED, agreement_text
from harness.tables.table import Note

# So many metrics are told of where not all are: a line or two each.
MAX_METRICS = 4


def agreement_notes(board: Leaderboard, wide: bool = False) -> tuple[Note, ...]:
    """Return a note a metric: of the primary ones, then of those that may decide something.

    With `wide` one of every metric, with all that is known. Metrics of which nobody knows stand
    together in one.
    """
    names = [name for name in board.metrics if name in board.primary.values()]
    names += [
        name
        for name, line in board.metrics.items()
        if name not in names and (wide or line.role != "shown")
    ]
    known = [name for name in names if board.metrics[name].agreement]
    unknown = [name for name in names if name not in known]
    told = known if wide else known[:MAX_METRICS]
    notes = [
        Note(f"People and {name}: {text}.", hang=2)
        for name in told
        if (text := agreement_text(board.metrics[name].agreement, short=not wide))
    ]
    if unknown:
        notes.append(Note(f"People and {', '.join(unknown)}: {NOT_ESTABLISHED}.", hang=2))
    return tuple(notes)
