"""The comparison of two runs as a person reads it."""

import unicodedata

from tabulate import tabulate

from harness.compare.pairs import Loss, PairedScores, RowPair, RunPair

# Of an output, so much is shown. `--json` has all of it.
MAX_OUTPUT_CHARACTERS = 300

LEGEND = (
    "Scores are means times 100 of the primary metric, over the examples that both runs scored.\n"
    "change: head less base, with its 95 % interval, clustered by article; none for one article.\n"
    "p: two-sided paired sign-flip test by article. In brackets: no models."
)


def comparison_text(run_pair: RunPair) -> str:
    """Return the table of all rows, then why they may differ, and the largest losses."""
    parts = [f"base: {run_pair.base}\nhead: {run_pair.head}"]
    compared = [(row, row.scores) for row in run_pair.rows if row.scores]
    if compared:
        header = ["row", "metric", "n", "base", "head", "change", "interval", "p"]
        header += ["better", "worse", "same", "failed", "missing"]
        aligned = ("left", "left", *["right"] * (len(header) - 2))
        body = [_cells(row, scores) for row, scores in compared]
        parts += [tabulate(body, header, colalign=aligned, disable_numparse=True), LEGEND]
    parts += [
        f"{row.name}: not compared, because the rows are not comparable:\n"
        + "\n".join(f"  {change}" for change in row.refused)
        for row in run_pair.rows
        if row.refused
    ]
    parts += [
        f"{row.name}: no example was scored in both runs."
        for row in run_pair.rows
        if not row.scores and not row.refused
    ]
    for side, names in (("base", run_pair.only_base), ("head", run_pair.only_head)):
        if names:
            parts.append(f"Only in the {side}: {', '.join(map(str, names))}")
    parts += [details for row in run_pair.rows if (details := _details(row))]
    return "\n\n".join(parts)


def points(value: float) -> str:
    """Return a difference in points, with its sign; no zero has one.

    >>> points(-0.0314), points(0.0), points(0.2)
    ('-3.1', '0.0', '+20.0')
    """
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def interval_text(scores: PairedScores) -> str:
    """Return the interval of a difference in points, "none" where there is none."""
    if scores.interval is None:
        return "none"
    return f"[{points(scores.interval.low)}, {points(scores.interval.high)}]"


def loss_lines(loss: Loss) -> list[str]:
    """Return a loss in three lines: the scores, and both outputs, cut to what fits."""
    return [
        f"{loss.example}: {100 * loss.base:.1f} -> {100 * loss.head:.1f}",
        f"  base: {_one_line(loss.base_text)}",
        f"  head: {_one_line(loss.head_text)}",
    ]


def _cells(row: RowPair, scores: PairedScores) -> list[object]:
    name = str(row.name) if row.role == "model" else f"({row.name})"
    return [
        name,
        row.metric,
        scores.n,
        f"{100 * scores.base:.1f}",
        f"{100 * scores.head:.1f}",
        points(scores.difference),
        interval_text(scores),
        "-" if scores.p is None else f"{scores.p:.3f}",
        scores.improved,
        scores.worse,
        scores.equal,
        len(row.failed),
        len(row.missing),
    ]


def _details(row: RowPair) -> str:
    """Return why a row may differ and where it lost most; nothing for a row as it was."""
    scores_moved = row.scores is not None and row.scores.improved + row.scores.worse > 0
    if row.refused or not (row.other_outputs or scores_moved or row.failed or row.missing):
        return ""
    lines = [f"{row.name}: {row.other_outputs} outputs differ. What changed:"]
    lines += [f"  {change}" for change in row.changes] or [
        "  nothing that is recorded: the model draws at random, or uncommitted code differs"
    ]
    for what, examples in (("missing", row.missing), ("failed", row.failed)):
        if examples:
            lines.append(f"  {what} in the head: {', '.join(examples)}")
    if row.scores and row.scores.losses:
        lines.append("  The largest losses:")
        lines += [f"  {line}" for loss in row.scores.losses for line in loss_lines(loss)]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """Return an output on one line, without what would command a terminal."""
    line = "".join(
        "\ufffd" if unicodedata.category(letter) == "Cc" else letter
        for letter in " ".join(text.split())
    )
    return f"“{line[:MAX_OUTPUT_CHARACTERS]}{' ...' if len(line) > MAX_OUTPUT_CHARACTERS else ''}”"
