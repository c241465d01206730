"""The gate's verdicts as a person reads them: on a terminal, and in a pull request."""

import html

from harness.compare.pairs import RowPair
from harness.compare.text import interval_text, loss_lines, points
from harness.gate.verdicts import STATES, Gate, State, Verdict
from harness.tables.cells import csv_text, markdown_cell, one_line
from harness.tables.markdown import code_block, markdown_table
from harness.tables.table import Column, Lines, Part, Style, Table, TableRow

_STATE_STYLES: dict[State, Style] = {
    "passed": "plain",
    "failed": "warning",
    "told": "plain",
    "refused": "warning",
}
_STATE_LABELS: dict[State, str] = {
    "passed": "passed",
    "failed": "**FAILED**",
    "told": "told only",
    "refused": "**REFUSED**",
}
# `keep` says in which order the columns go where the width is too small for all.
_COLUMNS = (
    Column("verdict", align="left"),
    Column("row", align="left", names=True),
    Column("metric", keep=0, align="left"),
    Column("n", keep=1),
    Column("base", keep=2),
    Column("head", keep=3),
    Column("change"),
    Column("interval"),
)


def headline(gate: Gate) -> str:
    """Return the outcome in one line."""
    counts = ", ".join(
        f"{len(verdicts)} {state}" for state in STATES if (verdicts := gate.with_state(state))
    )
    outcomes = {0: "passed", 1: "a regression", 2: "refused, the runs are not comparable"}
    return f"Gate: {outcomes[gate.exit_code]} ({counts})"


def gate_parts(gate: Gate) -> list[Part]:
    """Return the verdicts as a table, why rows did not pass, and what the failed ones lost."""
    parts: list[Part] = [
        Lines((f"baseline: {gate.base}", f"run: {gate.head}")),
        Table(
            _COLUMNS,
            tuple(TableRow(_cells(v), _STATE_STYLES[v.state]) for v in gate.verdicts),
        ),
    ]
    reasons = [
        f"{verdict.state}: {verdict.name}: {verdict.reason}"
        for state in STATES
        if state != "passed"
        for verdict in gate.with_state(state)
    ]
    parts += [Lines(tuple(reasons))] if reasons else []
    parts += [
        Lines(
            (
                str(verdict.name),
                *(f"  changed: {change}" for change in verdict.pair.changes),
                *(f"  {line}" for line in _all_loss_lines(verdict.pair)),
            )
        )
        for verdict in gate.with_state("failed")
        if verdict.pair and (verdict.pair.changes or _all_loss_lines(verdict.pair))
    ]
    return [*parts, Lines((headline(gate),))]


def gate_csv(gate: Gate) -> str:
    """Return a line for each verdict."""
    header = ["verdict", "model", "task", "scope", "metric", "n", "base", "head"]
    header += ["difference", "low", "high", "tolerance", "failed", "missing", "reason"]
    return csv_text(header, (_csv_row(gate, verdict) for verdict in gate.verdicts))


def markdown(gate: Gate) -> str:
    """Return a summary for a pull request: a table, and the losses of failed rows, folded."""
    columns = [Column("row", align="left"), Column("verdict", align="left")]
    columns.append(Column("change in points, 95 % interval", align="left"))
    table = markdown_table(
        columns,
        [
            [_cell(str(verdict.name)), _STATE_LABELS[verdict.state], _cell(verdict.reason)]
            for verdict in gate.verdicts
        ],
    )
    runs = f"{_code(gate.head)} against the baseline {_code(gate.base)}."
    blocks = [f"### {headline(gate)}", runs, table]
    for verdict in gate.with_state("failed"):
        blocks += _failure_details(verdict)
    return "\n\n".join([*blocks, _rule_text(gate)]) + "\n"


def _rule_text(gate: Gate) -> str:
    given = ", ".join(
        f"{name} {100 * tolerance:g} points" for name, tolerance in gate.tolerances.items()
    )
    return (
        "A row fails only if the whole interval of its primary metric's change, paired by example "
        "and clustered by article, lies beyond the tolerance "
        f"({given or 'none given'}), if examples are missing, or if failures grew."
    )


def _failure_details(verdict: Verdict) -> list[str]:
    if verdict.pair is None:
        return []
    changed = [f"- {_cell(str(change))}" for change in verdict.pair.changes]
    name = html.escape(one_line(str(verdict.name)))
    return [
        f"<details><summary>{name}: what changed, and the largest losses</summary>",
        "\n".join(changed or ["Nothing that is recorded changed."]),
        code_block(_all_loss_lines(verdict.pair)),
        "</details>",
    ]


def _all_loss_lines(pair: RowPair) -> list[str]:
    if pair.scores is None:
        return []
    return [line for loss in pair.scores.losses for line in loss_lines(loss)]


def _cells(verdict: Verdict) -> tuple[str, ...]:
    pair = verdict.pair
    if pair is None or pair.scores is None:
        return (verdict.state, str(verdict.name), pair.metric if pair else "", *[""] * 5)
    scores = pair.scores
    return (
        verdict.state,
        str(verdict.name),
        pair.metric,
        str(scores.n),
        f"{100 * scores.base:.1f}",
        f"{100 * scores.head:.1f}",
        points(scores.difference),
        interval_text(scores),
    )


def _csv_row(gate: Gate, verdict: Verdict) -> list[object]:
    name, pair = verdict.name, verdict.pair
    scores = pair.scores if pair else None
    interval = scores.interval if scores else None
    return [
        verdict.state,
        name.model,
        name.task,
        name.scope,
        pair and pair.metric,
        scores and scores.n,
        scores and scores.base,
        scores and scores.head,
        scores and scores.difference,
        interval and interval.low,
        interval and interval.high,
        gate.tolerances.get(pair.metric, 0.0) if pair else None,
        len(pair.failed) if pair else None,
        len(pair.missing) if pair else None,
        verdict.reason,
    ]


def _cell(text: str) -> str:
    return markdown_cell(one_line(text))


def _code(text: str) -> str:
    """Return a path as code; one with backticks in it, which code would end at, as text."""
    line = one_line(text)
    return _cell(line) if "`" in line else f"`{line}`"
