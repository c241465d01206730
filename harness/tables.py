"""The leaderboard as a person reads it, and its predictions as a program does."""

import itertools
from collections.abc import Mapping, Sequence

from tabulate import tabulate

from harness.files import canonical_json
from harness.leaderboard import Leaderboard
from harness.records import SCOPES, Scope, Scored, Task
from harness.rows import cut_of

RowName = tuple[str, Task, Scope]


def tables(board: Leaderboard) -> str:
    """Return one text table for each task and scope, scores times 100."""
    parts = []
    for task, scope in itertools.product(board.primary, SCOPES):
        rows = [one for one in board.rows if (one.task, one.scope) == (task, scope)]
        if not rows:
            continue
        names = list(rows[0].metrics)
        primary = board.primary[task]
        header = [
            task if scope == "article" else f"{task}: event",
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
                *(_percent(one.metrics[name].mean) for name in names),
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
    parts.append(
        "Scores are means times 100; * sorts the table. In brackets: no models, but floors, an "
        "oracle\nthat has seen the references, and people against people. share: how far the "
        "model has come\nfrom the best floor (0) to the ceiling (100): people or the oracle, or "
        "every answer right."
    )
    return "\n\n".join(parts)


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
