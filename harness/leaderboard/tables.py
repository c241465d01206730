"""The leaderboard as a person reads it."""

import itertools
import textwrap
from collections.abc import Mapping, Sequence

from tabulate import tabulate

from harness.leaderboard.leaderboard import Leaderboard, Number, Row
from harness.leaderboard.squad_table import squad_table
from harness.records import SCOPES

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
WIDTH = 96


def tables(board: Leaderboard) -> str:
    """Return one text table for each task and scope, scores times 100."""
    parts = []
    for task, scope in itertools.product(board.primary, SCOPES):
        rows = [row for row in board.rows if (row.task, row.scope) == (task, scope)]
        if not rows:
            continue
        names = list(rows[0].metrics)
        row_numbers = {row.model: number for number, row in enumerate(rows, start=1)}
        primary = board.primary[task]
        header = [
            task if scope == "article" else f"{task}: event",
            "#",
            "rank",
            *(f"{name} *" if name == primary else name for name in names),
            "share",
            "n",
            "failed",
            "cut",
            "seconds",
            "tokens/s",
            "MB",
        ]
        if priced := any(row.cost is not None for row in rows):
            header.append("cost")
        body = [
            [
                _name(row),
                row_numbers[row.model],
                _rank(row, row_numbers),
                *(_number(row.metrics[name], interval=name == primary) for name in names),
                _percent(row.metrics[primary].share, digits=0),
                row.counts.ok,
                row.counts.error,
                row.counts.truncated,
                f"{row.seconds:.1f}",
                f"{row.tokens_per_second:.1f}" if row.tokens_per_second else "",
                f"{row.peak_memory_bytes / 1e6:.0f}",
                *([f"{row.cost:.4f}" if row.cost is not None else ""] if priced else []),
            ]
            for row in rows
        ]
        alignment = ("left", *["right"] * (len(header) - 1))
        parts.append(tabulate(body, header, colalign=alignment, disable_numparse=True))
        if task == "answer" and board.suite.data and (squad_text := squad_table(rows)):
            parts.append(squad_text)
        notes = [line.sentence for line in board.power if (line.task, line.scope) == (task, scope)]
        notes += [
            f"! {row.model} was trained on this data ({', '.join(row.trained_on)}): its scores "
            "show what it remembers."
            for row in rows
            if row.trained_on
        ]
        notes += cautions(rows, primary)
        notes += [_truncation_note(row, primary) for row in rows if row.counts.truncated]
        notes += [_batch_note(row) for row in rows if row.batch]
        parts.append("\n".join(textwrap.fill(text, WIDTH) for text in notes))
    parts.append(
        textwrap.fill(
            "Scores are means times 100. * marks the primary metric: it sorts and ranks, with its "
            "95 % interval over articles. rank: rows that the suite cannot tell apart share one; "
            "the small numbers are the rows (#) that a row beats, adjusted for all comparisons. "
            "In parentheses: no models, but floors, an oracle that has seen the references, and "
            "people against people. share: how far the model has come from the best floor (0) to "
            "the ceiling (100): people or the oracle, or every answer right.",
            WIDTH,
        )
    )
    return "\n\n".join(parts)


def _name(row: Row) -> str:
    """Return a row's name: in parentheses if it is no model, marked if it knew the data."""
    name = row.model if row.role == "model" else f"({row.model})"
    return f"{name} !" if row.trained_on else name


def _rank(row: Row, row_numbers: Mapping[str, int]) -> str:
    """Return the row's rank with the places of the rows it beats, runs of them drawn together."""
    if row.rank is None:
        return ""
    runs: list[list[int]] = []
    for number in sorted(row_numbers[name] for name in row.beats):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    row_ranges = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return " ".join([str(row.rank), *(text.translate(SUPERSCRIPTS) for text in row_ranges)])


def cautions(rows: Sequence[Row], metric: str) -> list[str]:
    """Return what to beware of in the rows' intervals, each once with the rows that it is about."""
    models_by_caution: dict[str, list[str]] = {}
    for row in rows:
        number = row.metrics[metric]
        if number.caution and number.clusters > 1:  # of one article the sentence above has said it
            for text in number.caution.split("; "):
                models_by_caution.setdefault(text, []).append(row.model)
    return [
        f"Caution: {text}."
        if len(models) == len(rows)
        else f"Caution, {', '.join(models)}: {text}."
        for text, models in models_by_caution.items()
    ]


def _truncation_note(row: Row, metric: str) -> str:
    """Return what a row's cut sources mean for its primary metric."""
    share = _percent(row.counts.truncated / row.counts.ok, digits=0)
    note = f"Cut, {row.model}: {row.counts.truncated} of {row.counts.ok} sources ({share} %)"
    for subset, description in (
        (row.uncut, "seen whole"),
        (row.evidence_seen, "whose evidence was seen"),
        (row.evidence_cut, "whose evidence was cut"),
    ):
        if subset is not None:
            score = f": {metric} {_percent(subset.means[metric])}" if subset.n else ""
            note += f"; {subset.n} {description}{score}"
    return f"{note}."


def _batch_note(row: Row) -> str:
    """Return what a row's batches mean for its texts."""
    return (
        f"{row.model}: in {row.identity['dtype']}, up to {row.batch} predictions decoded together; "
        "in batches of other sizes some may have other words."
    )


def _number(number: Number, interval: bool) -> str:
    mean = _percent(number.mean)
    if not interval or number.interval is None:
        return mean
    return f"{mean} [{_percent(number.interval.low)}, {_percent(number.interval.high)}]"


def _percent(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{digits}f}"
