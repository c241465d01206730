"""The comparison of two runs as a person reads it."""

import unicodedata

from tabulate import tabulate

from harness.compare.pairs import Loss, RowPair, RunPair, Scores

# Of an output, so much is shown. `--json` has all of it.
SHOWN = 300

LEGEND = (
    "Scores are means times 100 of the primary metric, over the examples that both runs scored.\n"
    "change: head less base, with its 95 % interval, clustered by article; none for one article.\n"
    "p: two-sided paired sign-flip test by article. In brackets: no models."
)


def comparison_text(pair: RunPair) -> str:
    """Return the table of all rows, then why they may differ, and the largest losses."""
    parts = [f"base: {pair.base}\nhead: {pair.head}"]
    compared = [(one, one.scores) for one in pair.rows if one.scores]
    if compared:
        header = ["row", "metric", "n", "base", "head", "change", "interval", "p"]
        header += ["better", "worse", "same", "failed", "missing"]
        aligned = ("left", "left", *["right"] * (len(header) - 2))
        body = [_cells(one, scores) for one, scores in compared]
        parts += [tabulate(body, header, colalign=aligned, disable_numparse=True), LEGEND]
    parts += [
        f"{one.name}: not compared, because the rows are not comparable:\n"
        + "\n".join(f"  {change}" for change in one.refused)
        for one in pair.rows
        if one.refused
    ]
    parts += [
        f"{one.name}: no example was scored in both runs."
        for one in pair.rows
        if not one.scores and not one.refused
    ]
    for side, names in (("base", pair.only_base), ("head", pair.only_head)):
        if names:
            parts.append(f"Only in the {side}: {', '.join(map(str, names))}")
    parts += [told for one in pair.rows if (told := _details(one))]
    return "\n\n".join(parts)


def points(value: float) -> str:
    """Return a difference in points, with its sign; no zero has one.

    >>> points(-0.0314), points(0.0), points(0.2)
    ('-3.1', '0.0', '+20.0')
    """
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def interval_text(scores: Scores) -> str:
    """Return the interval of a difference in points, "none" where there is none."""
    if scores.interval is None:
        return "none"
    return f"[{points(scores.interval.low)}, {points(scores.interval.high)}]"


def loss_lines(loss: Loss) -> list[str]:
    """Return a loss in three lines: the scores, and both outputs, cut to what fits."""
    return [
        f"{loss.example}: {100 * loss.base:.1f} -> {100 * loss.head:.1f}",
        f"  base: {_shown(loss.base_text)}",
        f"  head: {_shown(loss.head_text)}",
    ]


def _cells(one: RowPair, scores: Scores) -> list[object]:
    name = str(one.name) if one.role == "model" else f"({one.name})"
    return [
        name,
        one.metric,
        scores.n,
        f"{100 * scores.base:.1f}",
        f"{100 * scores.head:.1f}",
        points(scores.difference),
        interval_text(scores),
        "-" if scores.p is None else f"{scores.p:.3f}",
        scores.improved,
        scores.worse,
        scores.equal,
        len(one.failed),
        len(one.missing),
    ]


def _details(one: RowPair) -> str:
    """Return why a row may differ and where it lost most; nothing for a row as it was."""
    moved = one.scores is not None and one.scores.improved + one.scores.worse > 0
    if one.refused or not (one.other_outputs or moved or one.failed or one.missing):
        return ""
    lines = [f"{one.name}: {one.other_outputs} outputs differ. What changed:"]
    lines += [f"  {change}" for change in one.changes] or [
        "  nothing that is recorded: the model draws at random, or uncommitted code differs"
    ]
    for what, examples in (("missing", one.missing), ("failed", one.failed)):
        if examples:
            lines.append(f"  {what} in the head: {', '.join(examples)}")
    if one.scores and one.scores.losses:
        lines.append("  The largest losses:")
        lines += [f"  {line}" for loss in one.scores.losses for line in loss_lines(loss)]
    return "\n".join(lines)


def _shown(text: str) -> str:
    """Return an output on one line, without what would command a terminal."""
    flat = "".join(
        "\ufffd" if unicodedata.category(letter) == "Cc" else letter
        for letter in " ".join(text.split())
    )
    return f"“{flat[:SHOWN]}{' ...' if len(flat) > SHOWN else ''}”"
