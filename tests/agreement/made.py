"""Judgments made up for the tests: numbers, and files of JSON lines."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from harness.agreement.correlations.layout import Layout, layout_of
from harness.agreement.correlations.weighted import Floats
from harness.agreement.judgments.judgments import JudgedSet, Judgment
from harness.agreement.measures import Values


def judgment(
    article_id: str, system: str | None, scores: Mapping[str, float | None], **more: object
) -> Judgment:
    """Return a judgment without texts, of which only the scores matter."""
    fields: dict[str, object] = {
        "where": "here", "article_id": article_id, "group": article_id, "system": system, "text": "",
        "article": None, "references": (), "scores": scores,
    }  # fmt: skip
    return Judgment(**(fields | more))  # type: ignore[arg-type]


def grid(articles: int, systems: int) -> Layout:
    """Return the layout of every system's text of every article, article by article."""
    return layout_of(
        [judgment(f"a{a}", f"s{s}", {}) for a in range(articles) for s in range(systems)]
    )


def judged(judgments: Sequence[Judgment], **more: object) -> JudgedSet:
    """Return a set of judgments of summaries."""
    fields: dict[str, object] = {
        "name": "made", "file": "made.jsonl", "task": "summarize", "judgments": tuple(judgments)
    }  # fmt: skip
    return JudgedSet(**(fields | more))  # type: ignore[arg-type]


def values(name: str, numbers: Sequence[float] | Floats, direction: str = "higher") -> Values:
    """Return a measure's values."""
    return Values(name, direction, "text", f"{name}|made", np.array(numbers, dtype=np.float64))  # type: ignore[arg-type]


def write(path: Path, records: Sequence[Mapping[str, object]]) -> Path:
    """Write JSON lines."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path
