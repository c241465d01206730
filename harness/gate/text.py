"""The gate's verdicts as a person reads them: on a terminal, and in a pull request."""

import re

from tabulate import tabulate

from harness.compare.pairs import RowPair
from harness.compare.text import loss_lines
from harness.gate.verdicts import STATES, Gate, State, Verdict

_MARKS: dict[State, str] = {
    "passed": "passed",
    "failed": "**FAILED**",
    "told": "told only",
    "refused": "**REFUSED**",
}


def headline(gate: Gate) -> str:
    """Return the outcome in one line."""
    counts = ", ".join(f"{len(some)} {state}" for state in STATES if (some := gate.of(state)))
    said = {0: "passed", 1: "a regression", 2: "refused, the runs are not comparable"}
    return f"Gate: {said[gate.exit_code]} ({counts})"


def gate_text(gate: Gate) -> str:
    """Return the verdicts as a table, and what changed and was lost in the rows that failed."""
    body = [[one.state, str(one.name), one.reason] for one in gate.verdicts]
    parts = [
        f"baseline: {gate.base}\nrun:      {gate.head}",
        tabulate(
            body, ["verdict", "row", "change in points, 95 % interval"], disable_numparse=True
        ),
    ]
    for one in gate.of("failed"):
        if one.pair:
            lines = [str(one.name), *(f"  changed: {change}" for change in one.pair.changes)]
            parts.append("\n".join([*lines, *(f"  {line}" for line in _losses(one.pair))]))
    return "\n\n".join([*parts, headline(gate)])


def markdown(gate: Gate) -> str:
    """Return a summary for a pull request: a table, and the losses of failed rows, folded."""
    lines = [f"### {headline(gate)}", "", f"`{gate.head}` against the baseline `{gate.base}`.", ""]
    lines += ["| row | verdict | change in points, 95 % interval |", "|---|---|---|"]
    lines += [
        f"| {_cell(str(one.name))} | {_MARKS[one.state]} | {_cell(one.reason)} |"
        for one in gate.verdicts
    ]
    for one in gate.of("failed"):
        lines += _folded(one)
    lines += ["", _rule(gate)]
    return "\n".join(lines) + "\n"


def _rule(gate: Gate) -> str:
    given = ", ".join(f"{name} {100 * x:g} points" for name, x in gate.tolerances.items())
    return (
        "A row fails only if the whole interval of its primary metric's change, paired by example "
        "and clustered by article, lies beyond the tolerance "
        f"({given or 'none given'}), if examples are missing, or if failures grew."
    )


def _folded(verdict: Verdict) -> list[str]:
    if verdict.pair is None:
        return []
    changed = [f"- {_cell(str(change))}" for change in verdict.pair.changes]
    losses = _losses(verdict.pair)
    runs = re.findall(r"`+", "\n".join(losses))
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return [
        "",
        f"<details><summary>{_cell(str(verdict.name))}: what changed, and the largest losses"
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


def _losses(pair: RowPair) -> list[str]:
    if pair.scores is None:
        return []
    return [line for loss in pair.scores.losses for line in loss_lines(loss)]


def _cell(text: str) -> str:
    """Return a text that neither ends a table's cell nor begins a tag."""
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
