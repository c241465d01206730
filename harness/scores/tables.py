"""The leaderboard of scored files as a person reads it: its systems, and how they compare."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.printing.agreement_notes import agreement_notes
from harness.leaderboard.printing.disagreement_note import disagreement_notes
from harness.leaderboard.printing.notes import cautions
from harness.leaderboard.printing.number_text import interval_text, score_text
from harness.leaderboard.printing.pair_table import PAIR_LEGEND, pair_table
from harness.leaderboard.printing.sentence_notes import sentence_notes
from harness.leaderboard.printing.squad_table import squad_table
from harness.leaderboard.printing.tables import by_reference_text, rank_text
from harness.metrics.declaration import Declaration
from harness.metrics.length import WORDS
from harness.tables.table import (
    ALWAYS,
    Column,
    Note,
    Notes,
    Part,
    Table,
    TableRow,
)

_SPLITS = ("HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1")
_BEST = ("best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh")

_LEGEND = (
    "* sorts, ranks and compares. rank: the places that a system may truly have, the first being 1 "
    "and one for each that beats it."
)

Declarations = Mapping[str, Declaration]


def score_tables(board: Leaderboard, wide: bool = False) -> list[Part]:
    """Return the tables of the systems, their intervals and their comparisons, and how to read it.

    Of answers there are SQuAD's splits if there are. Where the width is too small, secondary
    metrics go, the last first; a count of missing predictions stays if there are any. How far
    metrics agree with people is told of a few, and with `wide` of all.
    """
    (task,) = board.primary
    primary = board.primary[task]
    declarations = {name: line.declaration for name, line in board.metrics.items()}
    parts: list[Part] = [_means(board, declarations), _intervals(board, declarations)]
    if official := squad_table(board.rows, (*_SPLITS, *_BEST), digits=1):
        parts.append(official)
    legend = [clusters_text(board)]
    if board.comparisons:
        parts.append(pair_table(board.comparisons, declarations[primary]))
        legend.append(board.power[0].sentence)
    signatures = [number.signature_short for number in board.rows[0].metrics.values()]
    others = any(not declarations[name].is_share for name in board.rows[0].metrics)
    times_100 = f"Scores are means times 100{', lengths as they are' if others else ''}"
    legend += [
        f"{times_100}; {_LEGEND}",
        *([PAIR_LEGEND] if board.comparisons else []),
        "  ".join(signatures),
    ]
    legend = [*disagreement_notes(board.disagreements), *sentence_notes(board.rows), *legend]
    warnings = [Note(text, "warning") for text in cautions(board.rows, primary)]
    people = Notes(agreement_notes(board, wide))
    return [*parts, people, Notes((*warnings, *map(Note, legend)))]


def clusters_text(board: Leaderboard) -> str:
    """Return what intervals, comparisons and ranks are over, in a sentence."""
    row, line = board.rows[0], board.suite.references
    number = row.metrics[board.primary[row.task]]
    kind = line.clusters if line else "item"
    if kind == "item":
        over = f"{number.n:,} items, each by itself"
    elif kind == "field":
        field = line.cluster_field if line else None
        over = f"the {number.clusters:,} values of the field {field}"
    else:
        over = f"{number.clusters:,} {kind}{'s' if number.clusters > 1 else ''} of the data set"
    return f"Intervals, comparisons and ranks are over {over}."


def _means(board: Leaderboard, declarations: Declarations) -> Table:
    (task,) = board.primary
    primary = board.primary[task]
    names = list(board.rows[0].metrics)
    missing = any(row.counts.missing for row in board.rows)
    by_reference = any(row.by_reference for row in board.rows)
    return Table(
        (
            Column(task, align="left", names=True),
            *_metric_columns(names, primary),
            *([Column("by reference", keep=0.5)] if by_reference else []),
            Column("rank"),
            Column("n"),
            Column("missing", keep=ALWAYS if missing else 0),
        ),
        tuple(
            TableRow(
                (
                    row.model,
                    *(score_text(row.metrics[name].mean, declarations[name]) for name in names),
                    *([by_reference_text(row, declarations[primary])] if by_reference else []),
                    "" if row.rank is None else rank_text(row.rank, row.worst_rank),
                    str(row.counts.expected),
                    str(row.counts.missing),
                )
            )
            for row in board.rows
        ),
    )


def _metric_columns(names: Sequence[str], primary: str) -> list[Column]:
    """Return a column for each metric; how long texts are goes last, before it what rewards it."""
    keep = {"contains": 1.4, WORDS: 1.5}
    return [
        Column(f"{name} *") if name == primary else Column(name, keep=keep.get(name, 1))
        for name in names
    ]


def _intervals(board: Leaderboard, declarations: Declarations) -> Table:
    (task,) = board.primary
    primary = board.primary[task]
    # What is only shown decides nothing.
    names = [name for name in board.rows[0].metrics if declarations[name].role != "shown"]
    return Table(
        (
            Column("95 % interval", align="left", names=True),
            *_metric_columns(names, primary),
        ),
        tuple(
            TableRow((row.model, *(_interval(row, name, declarations[name]) for name in names)))
            for row in board.rows
        ),
    )


def _interval(row: Row, name: str, declaration: Declaration) -> str:
    interval = row.metrics[name].interval
    return "none" if interval is None else interval_text(interval, declaration)
