"""The comparison of two runs as a person reads it, and as a flat table."""

import itertools
from collections.abc import Iterable

from harness.compare.changes import rescoring_hint
from harness.compare.pairs import Loss, PairedScores, RowPair, RunPair
from harness.stats import Interval
from harness.tables.cells import csv_text
from harness.tables.table import Lines, Part, Table, TableRow, columns_going, notes
from harness.visible import visible_excerpt

# Of an output, so much is shown. `--json` has all of it.
MAX_OUTPUT_CHARACTERS = 300

LEGEND = (
    "Scores are means times 100 of the primary metric, over the examples that both runs scored.",
    "change: head less base. interval: its 95 % interval as if it were the only row, clustered by "
    "article; of one article there is none, unless nothing differs. p: two-sided paired sign-flip "
    "test by article.",
    "together, p adj.: the same for all models of the table at once, by step-down maxT; - for what "
    "is no model, which stands in parentheses.",
)


def comparison(run_pair: RunPair) -> list[Part]:
    """Return tables of all rows, then why they may differ, and the largest losses."""
    parts: list[Part] = [Lines((f"base: {run_pair.base}", f"head: {run_pair.head}"))]
    compared = [(row, row.scores) for row in run_pair.rows if row.scores]
    for title, group in itertools.groupby(compared, key=lambda pair: _title(pair[0])):
        parts.append(_table(title, list(group)))
    parts += notes(LEGEND if compared else ())
    parts += [
        Lines(
            (
                f"{row.name}: not compared, because the rows are not comparable:",
                *(f"  {change}" for change in row.refused),
            )
        )
        for row in run_pair.rows
        if row.refused
    ]
    parts += [
        Lines((f"{row.name}: no example was scored in both runs.",))
        for row in run_pair.rows
        if not row.scores and not row.refused
    ]
    hints = (rescoring_hint(row.refused) for row in run_pair.rows)
    parts += notes([f"They were {hint}." for hint in dict.fromkeys(hints) if hint])
    for side, names in (("base", run_pair.only_base), ("head", run_pair.only_head)):
        if names:
            parts.append(Lines((f"Only in the {side}: {', '.join(map(str, names))}",)))
    return [*parts, *(Lines(lines) for row in run_pair.rows if (lines := _details(row)))]


def comparison_csv(run_pair: RunPair) -> str:
    """Return a line for each row that both runs have."""
    header = ["model", "role", "task", "scope", "metric", "n", "articles", "base", "head"]
    header += ["difference", "low", "high", "p", "simultaneous_low", "simultaneous_high"]
    header += ["p_adjusted", "better", "worse", "same"]
    header += ["failed", "recovered", "missing", "added", "other_outputs", "refused"]
    return csv_text(header, map(_csv_row, run_pair.rows))


def points(value: float) -> str:
    """Return a difference in points, with its sign; no zero has one.

    >>> points(-0.0314), points(0.0), points(0.2)
    ('-3.1', '0.0', '+20.0')
    """
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def interval_text(scores: PairedScores) -> str:
    """Return the interval of a difference in points, "none" where there is none."""
    return "none" if scores.interval is None else _ends(scores.interval)


def _ends(interval: Interval) -> str:
    return f"[{points(interval.low)}, {points(interval.high)}]"


def _together(scores: PairedScores, noun: str) -> str:
    """Return the simultaneous interval of a difference in points, or that there is none."""
    if scores.simultaneous is not None:
        return _ends(scores.simultaneous)
    if scores.p_adjusted is None:
        return "-"
    return f"none at {scores.clusters} {noun}s" if scores.interval else "none"


def loss_lines(loss: Loss) -> list[str]:
    """Return a loss in three lines: the scores, and both outputs, cut to what fits."""
    return [
        f"{loss.example}: {100 * loss.base:.1f} -> {100 * loss.head:.1f}",
        f"  base: {_output(loss.base_text)}",
        f"  head: {_output(loss.head_text)}",
    ]


def _title(row: RowPair) -> str:
    """Return what a table is of: rows of one task and scope have one primary metric."""
    event = ": event" if row.name.scope == "event" else ""
    return f"{row.name.task}{event}, {row.metric}"


def _table(title: str, compared: list[tuple[RowPair, PairedScores]]) -> Table:
    header = [title, "n", "base", "head", "change", "interval", "p", "together", "p adj."]
    header += ["better", "worse", "same", "failed", "missing"]
    going = list(_going([row for row, _ in compared]))
    rows = [
        TableRow(_cells(row, scores), "plain" if row.role == "model" else "dim")
        for row, scores in compared
    ]
    return Table(columns_going(header, going), tuple(rows))


def _going(rows: list[RowPair]) -> Iterable[str]:
    """Yield the columns in the order in which they go where the width is too small for all."""
    needed = {
        "missing": any(row.missing for row in rows),
        "failed": any(row.failed for row in rows),
    }
    yield from (header for header, is_needed in needed.items() if not is_needed)
    yield from ("same", "p", "better", "worse", "base", "head", "p adj.", "together")
    yield from (header for header, is_needed in needed.items() if is_needed)


def _cells(row: RowPair, scores: PairedScores) -> tuple[str, ...]:
    return (
        row.name.model if row.role == "model" else f"({row.name.model})",
        str(scores.n),
        f"{100 * scores.base:.1f}",
        f"{100 * scores.head:.1f}",
        points(scores.difference),
        interval_text(scores),
        _probability(scores.p),
        _together(scores, row.name.scope),
        _probability(scores.p_adjusted),
        str(scores.improved),
        str(scores.worse),
        str(scores.equal),
        str(len(row.failed)),
        str(len(row.missing)),
    )


def _probability(p: float | None) -> str:
    return "-" if p is None else f"{p:.3f}"


def _csv_row(row: RowPair) -> list[object]:
    scores = row.scores
    numbers: list[object] = [None] * 14
    if scores:
        interval, together = scores.interval, scores.simultaneous
        numbers = [scores.n, scores.clusters, scores.base, scores.head, scores.difference]
        numbers += [interval and interval.low, interval and interval.high, scores.p]
        numbers += [together and together.low, together and together.high, scores.p_adjusted]
        numbers += [scores.improved, scores.worse, scores.equal]
    counts = [len(row.failed), len(row.recovered), len(row.missing), len(row.added)]
    refused = "; ".join(map(str, row.refused))
    name = row.name
    return [name.model, row.role, name.task, name.scope, row.metric, *numbers, *counts,
            row.other_outputs, refused]  # fmt: skip


def _details(row: RowPair) -> tuple[str, ...]:
    """Return why a row may differ and where it lost most; nothing for a row as it was."""
    scores_moved = row.scores is not None and row.scores.improved + row.scores.worse > 0
    if row.refused or not (row.other_outputs or scores_moved or row.failed or row.missing):
        return ()
    differ = "1 output differs" if row.other_outputs == 1 else f"{row.other_outputs} outputs differ"
    lines = [f"{row.name}: {differ}. What changed:"]
    lines += [f"  {change}" for change in row.changes] or [
        "  nothing that is recorded: the model draws at random, or uncommitted code differs"
    ]
    for what, examples in (("missing", row.missing), ("failed", row.failed)):
        if examples:
            lines.append(f"  {what} in the head: {', '.join(examples)}")
    if row.scores and row.scores.losses:
        lines.append("  The largest losses:")
        lines += [f"  {line}" for loss in row.scores.losses for line in loss_lines(loss)]
    return tuple(lines)


def _output(text: str) -> str:
    """Return an output on one line, without what would command a terminal."""
    return f"“{visible_excerpt(text, MAX_OUTPUT_CHARACTERS)}”"
