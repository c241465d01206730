"""What a tracker is told of a run: what made it as parameters, its numbers as metrics."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.leaderboard.leaderboard import Leaderboard, Row

# What MLflow takes in the name of a parameter or metric.
_NOT_IN_NAMES = re.compile(r"[^\w\-. :/]")


@dataclass(frozen=True)
class TrackedRun:
    """A run as trackers have one: texts by name, numbers by name, and files."""

    name: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    artifacts: tuple[str, ...] = ()


def tracked_runs(board: Leaderboard, folder: Path, files: tuple[Path, ...]) -> list[TrackedRun]:
    """Return the run of a folder, with `files` as its artifacts, and after it one a row's name.

    What a number depends on stands with it: the suite's hash, its signature, and the model's
    identity. A metric is called TASK/METRIC, with `.low`, `.high` and `.n` after it for its
    interval and how many predictions it is over; of events TASK.event/METRIC.
    """
    tags = {"harness.suite": board.suite.id, "harness.suite_sha256": board.suite.hash}
    if board.content_sha256:
        tags["harness.content_sha256"] = board.content_sha256
    of_run = {
        "suite": board.suite.id,
        "suite_sha256": board.suite.hash,
        "primary": dict(board.primary),
        "metric_options": board.metric_options.model_dump() if board.metric_options else None,
        "environment": board.environment,
    }
    parent = TrackedRun(
        folder.absolute().name, tags, _params(of_run), {}, tuple(str(file) for file in files)
    )
    by_name: dict[str, list[Row]] = {}
    for row in board.rows:
        by_name.setdefault(row.model, []).append(row)
    return [parent, *(_of_rows(name, rows, tags) for name, rows in by_name.items())]


def _of_rows(name: str, rows: list[Row], tags: Mapping[str, str]) -> TrackedRun:
    params: dict[str, object] = {"role": rows[0].role, "kind": rows[0].kind}
    metrics: dict[str, float] = {}
    for row in rows:
        task = _task(row)
        params[task] = {
            "identity": row.identity,
            "prompt": row.prompt.model_dump() if row.prompt else None,
            "weights": row.weights,
            "licence": row.licence,
            "generation": row.generation or None,
            "signature": {name: number.signature for name, number in row.metrics.items()},
        }
        metrics |= dict(_numbers(row))
    return TrackedRun(name, {**tags, "harness.role": rows[0].role}, _params(params), metrics)


def _task(row: Row) -> str:
    return row.task if row.scope == "article" else f"{row.task}.{row.scope}"


def _numbers(row: Row) -> Iterator[tuple[str, float]]:
    task = _task(row)
    for name, number in row.metrics.items():
        if number.mean is None:
            continue
        metric = _NOT_IN_NAMES.sub("_", f"{task}/{name}")
        yield metric, number.mean
        yield f"{metric}.n", number.n
        if number.interval:
            yield f"{metric}.low", number.interval.low
            yield f"{metric}.high", number.interval.high
    counts = row.counts
    for name in ("expected", "ok", "error", "missing", "truncated"):
        yield f"{task}/{name}", getattr(counts, name)
    if row.rank is not None:
        yield f"{task}/rank", row.rank
    yield f"{task}/seconds", row.seconds


def _params(content: Mapping[str, object], above: str = "") -> dict[str, str]:
    """Return texts by dotted names: `answer.identity.kind`; what is not there is left out."""
    params: dict[str, str] = {}
    for name, value in content.items():
        path = f"{above}{_NOT_IN_NAMES.sub('_', str(name))}"
        if isinstance(value, Mapping):
            params |= _params(value, f"{path}.")
        elif value is not None:
            params[path] = value if isinstance(value, str) else json.dumps(value)
    return params
