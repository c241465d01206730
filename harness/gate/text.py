"""The gate's verdicts as a person reads them: on a terminal, and in a pull request."""

import html

from harness.compare.number_text import change_text, ends_text, loss_lines
from harness.compare.pairs import RowPair
from harness.gate.reasons import change_ends, detectable_text
from harness.gate.rules import passing_sentences, rule_sentences
from harness.gate.verdicts import STATES, Gate, State, Verdict
from harness.leaderboard.printing.number_text import score_text
from harness.tables.cells import csv_text, markdown_cell, one_line
from harness.tables.markdown import code_block, markdown_table
from harness.tables.table import Column, Lines, Part, Style, Table, TableRow, notes

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
    Column("metric", keep=1, align="left"),
    Column("standard", keep=0, align="left"),
    Column("n", keep=2),
    Column("base", keep=4),
    Column("head", keep=5),
    Column("change"),
    Column("bounds"),
    Column("shows", keep=3),
)
_LEGEND = (
    "change: head less base. bounds: its one-sided 95 % bounds. shows: the true loss that the test "
    "would show with 80 % power, if differences spread as here; none: there is less to lose."
)
_MARKDOWN_LEGEND = (
    "In brackets stand both bounds of a change.",
    "What could have been shown is the true loss that the test would show with 80 % power.",
)


def headline(gate: Gate) -> str:
    """Return the outcome in one line."""
    counts = ", ".join(
        f"{len(verdicts)} {state}" for state in STATES if (verdicts := gate.with_state(state))
    )
    outcomes = {0: "passed", 1: "failed", 2: "refused, the runs are not comparable"}
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
    decided = any(verdict.decision for verdict in gate.verdicts)
    parts += notes([_LEGEND, *rule_sentences(gate)] if decided else ())
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
                str(verdict),
                *(f"  changed: {change}" for change in verdict.pair.changes),
                *(f"  {line}" for line in _all_loss_lines(verdict.pair)),
            )
        )
        for verdict in gate.with_state("failed")
        if verdict.pair and (verdict.pair.changes or _all_loss_lines(verdict.pair))
    ]
    return [*parts, *notes(passing_sentences(gate)), Lines((headline(gate),))]


def gate_csv(gate: Gate) -> str:
    """Return a line for each verdict."""
    header = ["verdict", "model", "task", "scope", "metric", "standard", "allowance", "n"]
    header += ["base", "head", "loss", "loss_low", "loss_high", "detectable_loss"]
    header += ["failed", "missing", "reason"]
    return csv_text(header, map(_csv_row, gate.verdicts))


def markdown(gate: Gate) -> str:
    """Return a summary for a pull request: a table, and the losses of failed rows, folded."""
    columns = [Column("row", align="left"), Column("verdict", align="left")]
    columns.append(Column("why", align="left"))
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
    rules = " ".join([*rule_sentences(gate), *_MARKDOWN_LEGEND])
    return "\n\n".join([*blocks, *map(_cell, passing_sentences(gate)), rules]) + "\n"


def _failure_details(verdict: Verdict) -> list[str]:
    if verdict.pair is None:
        return []
    changed = [f"- {_cell(str(change))}" for change in verdict.pair.changes]
    name = html.escape(one_line(str(verdict)))
    return [
        f"<details><summary>{name}: what changed, and the largest losses</summary>",
        "\n".join(changed or ["Nothing that is recorded changed."]),
        code_block(_all_loss_lines(verdict.pair)),
        "</details>",
    ]


def _all_loss_lines(pair: RowPair) -> list[str]:
    if pair.scores is None:
        return []
    return [line for loss in pair.scores.losses for line in loss_lines(loss, pair.declaration)]


def _cells(verdict: Verdict) -> tuple[str, ...]:
    pair, decision = verdict.pair, verdict.decision
    standard = verdict.standard.name if verdict.standard else ""
    names = (verdict.state, str(verdict.name), verdict.metric or "", standard)
    if pair is None or pair.scores is None or decision is None:
        return (*names, *[""] * 6)
    scores, declaration = pair.scores, pair.declaration
    ends = change_ends(decision, declaration)
    return (
        *names,
        str(scores.n),
        score_text(scores.base, declaration),
        score_text(scores.head, declaration),
        change_text(scores.difference, declaration),
        ends_text(*ends, declaration) if ends else "none",
        detectable_text(decision, declaration),
    )


def _csv_row(verdict: Verdict) -> list[object]:
    name, pair, standard = verdict.name, verdict.pair, verdict.standard
    decision = verdict.decision
    scores = pair.scores if pair and decision else None
    return [
        verdict.state,
        name.model,
        name.task,
        name.scope,
        verdict.metric,
        standard and standard.name,
        standard and standard.allowance,
        scores and scores.n,
        scores and scores.base,
        scores and scores.head,
        decision and decision.loss,
        decision and decision.loss_low,
        decision and decision.loss_high,
        decision and decision.detectable_loss,
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
