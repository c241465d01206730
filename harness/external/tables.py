"""The leaderboard of scored files as a person reads it: a task's systems, scores times 100."""

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.printing.notes import unseen_letters
from harness.leaderboard.printing.squad_table import squad_table
from harness.tables.table import ALWAYS, Column, Note, Notes, Part, Table, TableRow

_SPLITS = ("HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1")
_BEST = ("best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh")


def score_tables(board: Leaderboard) -> list[Part]:
    """Return the table of the systems, of answers SQuAD's splits if there are, and how to read it.

    Where the width is too small, secondary metrics go, the last first; a count of missing
    predictions stays if there are any.
    """
    (task,) = board.primary
    primary = board.primary[task]
    names = list(board.rows[0].metrics)
    missing = any(row.counts.missing for row in board.rows)
    table = Table(
        (
            Column(task, align="left", names=True),
            *(Column(f"{name} *") if name == primary else Column(name, keep=1) for name in names),
            Column("n"),
            Column("missing", keep=ALWAYS if missing else 0),
        ),
        tuple(
            TableRow(
                (
                    row.model,
                    *(_percent(row, name) for name in names),
                    str(row.counts.expected),
                    str(row.counts.missing),
                )
            )
            for row in board.rows
        ),
    )
    official = squad_table(board.rows, (*_SPLITS, *_BEST), digits=1)
    signatures = [number.signature_short for number in board.rows[0].metrics.values()]
    legend = ["Scores are means times 100; * sorts the table.", "  ".join(signatures)]
    warnings = [Note(text, "warning") for text in unseen_letters(board.rows)]
    return [table, *([official] if official else []), Notes((*warnings, *map(Note, legend)))]


def _percent(row: Row, name: str) -> str:
    mean = row.metrics[name].mean
    return "-" if mean is None else f"{100 * mean:.1f}"
