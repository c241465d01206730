"""The gate's verdicts as a person reads them: on a terminal, and in a pull request."""

import re

from tabulate import tabulate

from harness.compare.pairs import RowPair
from harness.compare.text import loss_lines
from harness.gate.verdicts import STATES, Gate, State, Verdict

_STATE_LABELS: dict[State, str] = {
    "passed": "passed",
    "failed": "**FAILED**",
    "told": "told only",
    "refused": "**REFUSED**",
}


def headline(gate: Gate) -> str:
    """Return the outcome in one line."""
    counts = ", ".join(
        f"{len(verdicts)} {state}" for state in STATES if (verdicts := gate.with_state(state))
    )
    outcomes = {0: "passed", 1: "a regression", 2: "refused, the runs are not comparable"}
    return f"Gate: {outcomes[gate.exit_code]} ({counts})"


def gate_text(gate: Gate) -> str:
    """Return the verdicts as a table, and what changed and was lost in the rows that failed."""
    body = [[verdict.state, str(verdict.name), verdict.reason] for verdict in gate.verdicts]
    parts = [
        f"baseline: {gate.base}\nrun:      {gate.head}",
        tabulate(
            body, ["verdict", "row", "change in points, 95 % interval"], disable_numparse=True
        ),
    ]
    for verdict in gate.with_state("failed"):
        if verdict.pair:
            lines = [
                str(verdict.name),
                *(f"  changed: {change}" for change in verdict.pair.changes),
            ]
            parts.append(
                "\n".join([*lines, *(f"  {line}" for line in _all_loss_lines(verdict.pair))])
            )
    return "\n\n".join([*parts, headline(gate)])


def markdown(gate: Gate) -> str:
    """Return a summary for a pull request: a table, and the losses of failed rows, folded."""
    lines = [f"### {headline(gate)}", "", f"`{gate.head}` against the baseline `{gate.base}`.", ""]
    lines += ["| row | verdict | change in points, 95 % interval |", "|---|---|---|"]
    lines += [
        f"| {_cell_text(str(verdict.name))} | {_STATE_LABELS[verdict.state]} "
        f"| {_cell_text(verdict.reason)} |"
        for verdict in gate.verdicts
    ]
    for verdict in gate.with_state("failed"):
        lines += _failure_details(verdict)
    lines += ["", _rule_text(gate)]
    return "\n".join(lines) + "\n"


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
    changed = [f"- {_cell_text(str(change))}" for change in verdict.pair.changes]
    losses = _all_loss_lines(verdict.pair)
    runs = re.findall(r"`+", "\n".join(losses))
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return [
        "",
        f"<details><summary>{_cell_text(str(verdict.name))}: what changed, and the largest losses"
        "</summary>",
        "",
        *(changed or ["Nothing that is recorded changed."]),
        "",
        fence,
        *losses,
        fence,
        "",
        "</details>",
    ]


def _all_loss_lines(pair: RowPair) -> list[str]:
    if pair.scores is None:
        return []
    return [line for loss in pair.scores.losses for line in loss_lines(loss)]


def _cell_text(text: str) -> str:
    """Return a text that neither ends a table's cell nor begins a tag."""
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
