"""The comparison of two runs as a person reads it, and as a flat table."""

from collections.abc import Iterable

from harness.compare.changes import rescoring_hint
from harness.compare.explanation import explanation, selection_note, unscored_note
from harness.compare.number_text import change_text, ends_text
from harness.compare.pairs import PairedScores, RowPair, RunPair, common_noun
from harness.leaderboard.printing.number_text import probability_text, score_text
from harness.metrics.declaration import Declaration
from harness.stats import Interval
from harness.tables.cells import csv_text
from harness.tables.table import Lines, Part, Table, TableRow, columns_going, notes

LEGEND = (
    "Scores are means of the metric that a table names, shares times 100, over the examples that "
    "both runs scored.",
    "change: head less base. interval: its 95 % interval as if it were the only row, clustered by "
    "{noun}; of one {noun} there is none, unless nothing differs. p: two-sided paired sign-flip "
    "test by {noun}.",
    "together, p adj.: the same for all models of the table at once, by step-down maxT; - for what "
    "is no model, which stands in parentheses.",
)


def comparison(run_pair: RunPair) -> list[Part]:
    """Return tables of all rows, then why they may differ, and the largest losses."""
    parts: list[Part] = [Lines((f"base: {run_pair.base}", f"head: {run_pair.head}"))]
    compared = [(row, row.scores) for row in run_pair.rows if row.scores]
    tables: dict[str, list[tuple[RowPair, PairedScores]]] = {}
    for row, scores in compared:
        tables.setdefault(_title(row), []).append((row, scores))
    parts += [_table(title, rows) for title, rows in tables.items()]
    note = selection_note(run_pair)
    parts += notes([*_legend([row for row, _ in compared]), *([note] if note else [])])
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
    parts += notes([note for row in run_pair.rows if (note := unscored_note(row))])
    hints = (rescoring_hint(row.refused) for row in run_pair.rows)
    parts += notes([f"They were {hint}." for hint in dict.fromkeys(hints) if hint])
    for side, names in (("base", run_pair.only_base), ("head", run_pair.only_head)):
        if names:
            parts.append(Lines((f"Only in the {side}: {', '.join(map(str, names))}",)))
    same_selection = not run_pair.on_other_examples
    explanations = (explanation(row, same_selection) for row in run_pair.rows)
    return [*parts, *(Lines(lines) for lines in explanations if lines)]


def _legend(compared: list[RowPair]) -> list[str]:
    """Return what the columns are."""
    noun = common_noun(compared)
    return [line.format(noun=noun) for line in LEGEND] if compared else []


def comparison_csv(run_pair: RunPair) -> str:
    """Return a line for each row that both runs have."""
    header = ["model", "role", "task", "scope", "metric", "n", "articles", "base", "head"]
    header += ["difference", "low", "high", "p", "simultaneous_low", "simultaneous_high"]
    header += ["p_adjusted", "better", "worse", "same"]
    header += ["failed", "recovered", "missing", "added", "unscored", "newly_scored"]
    header += ["other_outputs", "refused"]
    return csv_text(header, map(_csv_row, run_pair.rows))


def _interval(interval: Interval | None, declaration: Declaration) -> str:
    """Return an interval of a difference, "none" where there is none."""
    if interval is None:
        return "none"
    return ends_text(interval.low, interval.high, declaration)


def _together(row: RowPair, scores: PairedScores) -> str:
    """Return the simultaneous interval of a difference, or that there is none."""
    if scores.simultaneous is not None:
        return _interval(scores.simultaneous, row.declaration)
    if scores.p_adjusted is None:
        return "-"
    return f"none at {scores.clusters} {row.noun}s" if scores.interval else "none"


def _title(row: RowPair) -> str:
    """Return what a table is of."""
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
        score_text(scores.base, row.declaration),
        score_text(scores.head, row.declaration),
        change_text(scores.difference, row.declaration),
        _interval(scores.interval, row.declaration),
        probability_text(scores.p),
        _together(row, scores),
        probability_text(scores.p_adjusted),
        str(scores.improved),
        str(scores.worse),
        str(scores.equal),
        str(len(row.failed)),
        str(len(row.missing)),
    )


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
    counts += [len(row.unscored), len(row.newly_scored)]
    refused = "; ".join(map(str, row.refused))
    name = row.name
    return [name.model, row.role, name.task, name.scope, row.metric, *numbers, *counts,
            row.other_outputs, refused]  # fmt: skip
