"""The leaderboard as a person reads it, and its predictions as a program does."""

import itertools
import textwrap
from collections.abc import Mapping, Sequence

from tabulate import tabulate

from harness.files import canonical_json
from harness.leaderboard import Leaderboard, Number, Row
from harness.records import SCOPES, Scope, Scored, Task
from harness.rows import cut_of

RowName = tuple[str, Task, Scope]

SMALL = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
WIDTH = 96


def tables(board: Leaderboard) -> str:
    """Return one text table for each task and scope, scores times 100."""
    parts = []
    for task, scope in itertools.product(board.primary, SCOPES):
        rows = [one for one in board.rows if (one.task, one.scope) == (task, scope)]
        if not rows:
            continue
        names = list(rows[0].metrics)
        places = {one.model: place for place, one in enumerate(rows, start=1)}
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
        body = [
            [
                one.model if one.role == "model" else f"({one.model})",
                places[one.model],
                _rank(one, places),
                *(_number(one.metrics[name], interval=name == primary) for name in names),
                _percent(one.metrics[primary].share, digits=0),
                one.counts.ok,
                one.counts.error,
                one.counts.truncated,
                f"{one.seconds:.1f}",
                f"{one.tokens_per_second:.1f}" if one.tokens_per_second else "",
                f"{one.peak_memory_bytes / 1e6:.0f}",
            ]
            for one in rows
        ]
        aligned = ("left", *["right"] * (len(header) - 1))
        parts.append(tabulate(body, header, colalign=aligned, disable_numparse=True))
        words = [x.sentence for x in board.power if (x.task, x.scope) == (task, scope)]
        words += cautions(rows, primary)
        parts.append("\n".join(textwrap.fill(text, WIDTH) for text in words))
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


def _rank(row: Row, places: Mapping[str, int]) -> str:
    """Return the row's rank with the places of the rows it beats, runs of them drawn together."""
    if row.rank is None:
        return ""
    runs: list[list[int]] = []
    for place in sorted(places[name] for name in row.beats):
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    small = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return " ".join([str(row.rank), *(text.translate(SMALL) for text in small)])


def cautions(rows: Sequence[Row], metric: str) -> list[str]:
    """Return what to beware of in the rows' intervals, each once with the rows that it is about."""
    about: dict[str, list[str]] = {}
    for row in rows:
        number = row.metrics[metric]
        if number.caution and number.clusters > 1:  # of one article the sentence above has said it
            for text in number.caution.split("; "):
                about.setdefault(text, []).append(row.model)
    return [
        f"Caution: {text}." if len(names) == len(rows) else f"Caution, {', '.join(names)}: {text}."
        for text, names in about.items()
    ]


def _number(number: Number, interval: bool) -> str:
    mean = _percent(number.mean)
    if not interval or number.interval is None:
        return mean
    return f"{mean} [{_percent(number.interval.low)}, {_percent(number.interval.high)}]"


def _percent(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{digits}f}"


def prediction_lines(board: Leaderboard, scored: Mapping[RowName, Sequence[Scored]]) -> str:
    """Return one JSON line a prediction, in the leaderboard's order: what was said, what it got.

    `scored` has the predictions of each row by its model, task and scope; a row without any
    (people) has no lines.

    Nothing in it depends on the clock, so two runs on one machine write the same file.
    """
    lines = []
    for one_row in board.rows:
        for one in scored.get((one_row.model, one_row.task, one_row.scope), ()):
            made = one.prediction
            lines.append(
                canonical_json(
                    {
                        "model": one_row.model,
                        "task": one_row.task,
                        "example": one.example.id,
                        "key": one.key,
                        "text": made.text,
                        "raw": made.raw if made.raw != made.text else None,
                        "rendered_sha256": made.rendered_sha256,
                        "source_tokens": made.source_tokens,
                        "kept_tokens": made.kept_tokens,
                        "output_tokens": made.output_tokens,
                        "cut": cut_of(one),
                        "error": made.error,
                        "scores": dict(one.scores),
                    }
                )
            )
    return "".join(line + "\n" for line in lines)
