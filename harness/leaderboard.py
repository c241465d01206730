"""Scores to a leaderboard: rows with counts, costs and signatures, as JSON and as tables.

The fields are documented here; `leaderboard.schema.json` in the package is the JSON Schema made
from them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from tabulate import tabulate

from harness.files import canonical_json
from harness.metrics import PRIMARY, short
from harness.models.roster import Entry
from harness.predict import Predicted
from harness.records import TASKS, Scored, Task
from harness.suite import Suite

SCHEMA_VERSION = 1
SCHEMA_FILE = Path(__file__).parent / "leaderboard.schema.json"

Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class SuiteLine(_Part):
    """Which suite was run."""

    id: str
    """The suite's name."""
    hash: str
    """SHA-256 over the cleaned articles and all goldens; of `harness score`, over the references
    with their ids."""
    limit: int | None
    """The most examples that were run of each task; null for all."""


class Number(_Part):
    """One metric's mean over a row's predictions."""

    mean: Annotated[float, Field(ge=0, le=1)] | None
    """The arithmetic mean; null if every prediction failed."""
    n: Count
    """How many predictions the mean is over: the row's `ok` and `missing` counts."""
    signature: str
    """All that the number depends on. Numbers of different signatures are not comparable."""
    signature_short: str = Field(default_factory=lambda known: short(known["signature"]))
    """The metric's name and the first 8 digits of the signature's SHA-256."""


class Counts(_Part):
    """What became of a row's examples: expected = ok + error + missing."""

    expected: Count
    """Examples of the task in the suite."""
    ok: Count
    """Predictions that were scored."""
    error: Count
    """Predictions that failed. They are not zeros: they are missing from every mean."""
    truncated: Count
    """Scored predictions whose source was cut to fit the model."""
    cached: Count
    """Predictions that an earlier run had made."""
    missing: Count = 0
    """Examples that a file of predictions has none for. Each is a 0 in every mean."""


class PromptLine(_Part):
    """The prompt that a row's model was asked with."""

    name: str
    """The prompt's name."""
    version: int
    """The prompt's version, as its file says."""
    sha256: str
    """Hash of the template."""


class Row(_Part):
    """One model on one task."""

    model: str
    """The model's name in the roster."""
    task: Task
    """What it was asked to do."""
    kind: str
    """The kind of model."""
    metrics: dict[str, Number]
    """Each metric's mean, n and signature by name."""
    counts: Counts
    """What became of the examples."""
    seconds: Annotated[float, Field(ge=0)]
    """Time spent predicting, loading aside; of cached predictions, what they took when made."""
    tokens_per_second: Annotated[float, Field(ge=0)] | None
    """Output tokens over seconds; null for models that write no tokens."""
    peak_memory_bytes: Count
    """The most memory the process held while predicting."""
    weights: dict[str, object] | None
    """Source and hash of the weights; null for models that have none."""
    weights_bytes: Count | None
    """Size of the weights."""
    licence: str | None
    """The weights' licence, as the roster gives it."""
    prompt: PromptLine | None
    """The prompt; null for models that are not prompted."""
    identity: dict[str, object]
    """All that can change the model's outputs: part of every prediction's key."""
    environments: list[dict[str, object]]
    """Where the predictions were made; several if they were made in several."""
    squad: dict[str, float] | None = None
    """What the official SQuAD script prints, by its names and in its units (percent): with 2.0 the
    splits HasAns and NoAns, and the best thresholds where probabilities of no answer are given.
    Only of answers that `harness score` has read from a file."""


class Leaderboard(_Part):
    """Models on a suite: the rows by task, then best first by the task's primary metric."""

    schema_version: int
    """1. It grows when a field changes its meaning or goes."""
    suite: SuiteLine
    """Which suite was run."""
    primary: dict[Task, str]
    """The metric that each task's rows are sorted by."""
    environment: dict[str, object]
    """Where the scores were made: versions, processor, threads, git commit."""
    rows: list[Row]
    """One a model and task."""

    def to_json(self) -> str:
        """Return the JSON text of the leaderboard file."""
        return self.model_dump_json(indent=2) + "\n"


def schema() -> dict[str, object]:
    """Return the JSON Schema of the leaderboard file."""
    made = Leaderboard.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def row(
    entry: Entry,
    task: Task,
    scored: Sequence[Scored],
    predictions: Sequence[Predicted],
    signatures: Mapping[str, str],
) -> Row:
    """Return one model's row; `scored` and `predictions` are the same, in the same order."""
    ok = [one for one in scored if one.prediction.error is None]
    seconds = math.fsum(one.prediction.seconds for one in scored)
    counted = [one.prediction.output_tokens for one in ok]
    tokens = sum(count for count in counted if count is not None)
    prompt = getattr(entry.model, "prompts", {}).get(task)
    identity = dict(entry.model.identity(task))
    weights = entry.model.checkpoint
    environments = {canonical_json(one.stored.environment): one for one in predictions}
    return Row(
        model=entry.name,
        task=task,
        kind=entry.kind,
        metrics={
            name: Number(
                mean=math.fsum(one.scores[name] for one in ok) / len(ok) if ok else None,
                n=len(ok),
                signature=signature,
            )
            for name, signature in signatures.items()
        },
        counts=Counts(
            expected=len(scored),
            ok=len(ok),
            error=len(scored) - len(ok),
            truncated=sum(one.prediction.truncated for one in ok),
            cached=sum(one.cached for one in scored),
        ),
        seconds=seconds,
        tokens_per_second=tokens / seconds if any(counted) and seconds else None,
        peak_memory_bytes=max((one.prediction.peak_memory for one in scored), default=0),
        weights=dict(weights.identity()) if weights else None,
        weights_bytes=weights.size() if weights else None,
        licence=entry.licence,
        prompt=PromptLine(name=prompt.name, version=prompt.version, sha256=prompt.sha256)
        if prompt
        else None,
        identity=identity,
        environments=[dict(environments[text].stored.environment) for text in sorted(environments)],
    )


def leaderboard(
    suite: Suite, limit: int | None, environment: Mapping[str, object], rows: Iterable[Row]
) -> Leaderboard:
    """Return the leaderboard of a suite, its rows sorted."""
    return ranked(SuiteLine(id=suite.id, hash=suite.hash, limit=limit), environment, rows)


def ranked(suite: SuiteLine, environment: Mapping[str, object], rows: Iterable[Row]) -> Leaderboard:
    """Return the leaderboard of what was run, its rows sorted."""

    def place(one: Row) -> tuple[int, float, str]:
        mean = one.metrics[PRIMARY[one.task]].mean
        return (TASKS.index(one.task), -mean if mean is not None else 1.0, one.model)

    made = sorted(rows, key=place)
    return Leaderboard(
        schema_version=SCHEMA_VERSION,
        suite=suite,
        primary={task: PRIMARY[task] for task in TASKS if any(r.task == task for r in made)},
        environment=dict(environment),
        rows=made,
    )


def tables(board: Leaderboard) -> str:
    """Return one text table a task, scores times 100."""
    parts = []
    for task in board.primary:
        rows = [one for one in board.rows if one.task == task]
        names = list(rows[0].metrics)
        primary = board.primary[task]
        header = [
            task,
            *(f"{name} *" if name == primary else name for name in names),
            "n", "failed", "cut", "seconds", "tokens/s", "MB",
        ]  # fmt: skip
        body = [
            [
                one.model,
                *(_percent(one.metrics[name].mean) for name in names),
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
    parts.append("Scores are means times 100; * sorts the table.")
    return "\n\n".join(parts)


def _percent(mean: float | None) -> str:
    return "-" if mean is None else f"{100 * mean:.1f}"


def prediction_lines(
    board: Leaderboard, scored: Mapping[tuple[str, Task], Sequence[Scored]]
) -> str:
    """Return one JSON line a prediction, in the leaderboard's order: what was said, what it got.

    Nothing in it depends on the clock, so two runs on one machine write the same file.
    """
    lines = []
    for one_row in board.rows:
        for one in scored[one_row.model, one_row.task]:
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
                        "error": made.error,
                        "scores": dict(one.scores),
                    }
                )
            )
    return "".join(line + "\n" for line in lines)
