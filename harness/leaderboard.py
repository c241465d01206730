"""The leaderboard: rows with counts, costs and signatures, and its JSON.

The fields are documented here; `leaderboard.schema.json` in the package is the JSON Schema made
from them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from harness.metrics import PRIMARY, short
from harness.records import SCOPES, TASKS, Role, Scope, Task
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
    share: float | None
    """Where the mean stands between the best floor (0) and the ceiling (1): for summaries the
    better of people and oracle, for answers an acceptable one. Below 0 is below the floor. Null
    where there is no floor or no ceiling above it."""


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
    """One model on one task, over the articles or over the events."""

    model: str
    """The model's name in the roster, or the name of a row that is no model."""
    role: Role
    """model; or no model: floor, a trivial system; oracle, sentences chosen with the references
    in hand; people, each reference against the others."""
    task: Task
    """What it was asked to do."""
    scope: Scope
    """Whether its examples are single articles or events that several articles report."""
    kind: str
    """The kind of model."""
    metrics: dict[str, Number]
    """Each metric's mean, n and signature by name."""
    counts: Counts
    """What became of the examples."""
    cut: dict[str, float]
    """Of each article that was cut, the share of its characters that the model did not see, as the
    mean over this row's predictions."""
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
    """Models on a suite: rows by task and scope, then best first by the primary metric."""

    schema_version: int
    """1. It grows when a field changes its meaning or goes."""
    suite: SuiteLine
    """Which suite was run."""
    primary: dict[Task, str]
    """The metric that each task's rows are sorted by."""
    environment: dict[str, object]
    """Where the scores were made: versions, processor, threads, git commit."""
    predictions_sha256: str | None = None
    """Hash of `predictions.jsonl` as it was written; null where no such file is."""
    rows: list[Row]
    """One a model and task."""

    def to_json(self) -> str:
        """Return the JSON text of the leaderboard file."""
        return self.model_dump_json(indent=2) + "\n"


def schema() -> dict[str, object]:
    """Return the JSON Schema of the leaderboard file."""
    made = Leaderboard.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def leaderboard(
    suite: Suite, limit: int | None, environment: Mapping[str, object], rows: Iterable[Row]
) -> Leaderboard:
    """Return the leaderboard of a suite, its rows sorted."""
    return ranked(SuiteLine(id=suite.id, hash=suite.hash, limit=limit), environment, rows)


def ranked(suite: SuiteLine, environment: Mapping[str, object], rows: Iterable[Row]) -> Leaderboard:
    """Return the leaderboard of what was run, its rows sorted."""

    def place(one: Row) -> tuple[int, int, float, str]:
        mean = one.metrics[PRIMARY[one.task]].mean
        worst_last = -mean if mean is not None else 1.0
        return (TASKS.index(one.task), SCOPES.index(one.scope), worst_last, one.model)

    made = sorted(rows, key=place)
    return Leaderboard(
        schema_version=SCHEMA_VERSION,
        suite=suite,
        primary={task: PRIMARY[task] for task in TASKS if any(r.task == task for r in made)},
        environment=dict(environment),
        rows=made,
    )
