"""A run's numbers as the Hugging Face Hub has them: a model's `.eval_results/` and its card.

`.eval_results/*.yaml` is a list of results, each a data set, one of its tasks and one number
(huggingface/hub-docs, eval_results.yaml); `eval.yaml` stands in the data set's repository and names
those tasks. `model-index` is the older block at the head of a model's README.md.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from harness.errors import UsageError
from harness.export.exported import (
    Exported,
    failure_notes,
    hub_data_set,
    model_name,
    model_rows,
    slug,
)
from harness.files import make_folder, write_atomically
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import Number
from harness.leaderboard.run_folder import Run
from harness.leaderboard.run_time import made_on
from harness.records import Task

# What model cards call the tasks, and a metric.
_TASKS: dict[Task, str] = {"summarize": "summarization", "answer": "question-answering"}
_TYPES = {"exact_match": "exact_match", "f1": "f1"}


def export_hub(
    run: Run,
    out: Path,
    names: Sequence[str] | None = None,
    dataset: str | None = None,
    url: str | None = None,
) -> Exported:
    """Write for each model a folder to be put into its repository, and the data set's `eval.yaml`.

    `dataset` is the data set's name on the Hub, `url` where the run may be looked at. Raises
    UsageError for a data set that is not named and not known, and a row that there is not.
    """
    rows = model_rows(run, names)
    dataset_id = dataset or _named_data_set(run)
    paths: list[Path] = []
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row.model, []).append(row)
    for own in by_model.values():
        name = model_name(own[0])
        folder = out / name.developer / name.name
        results = folder / ".eval_results" / f"{slug(run.board.suite.id)}.yaml"
        make_folder(results.parent)
        write_atomically(results, _yaml(_results(run, own, dataset_id, url)))
        index = [{"name": name.name, "results": _index(run, own, dataset_id, url)}]
        card = folder / "model-index.yaml"
        write_atomically(card, _yaml({"model-index": index}))
        paths += [results, card]
    tasks = out / "eval.yaml"
    write_atomically(tasks, _yaml(_tasks(run, rows)))
    notes = [
        ".eval_results has one number a task: no metric's name, no direction, no interval, no n; "
        "so each metric is a task of its own in eval.yaml, and the rest stands in `notes`.",
        "eval.yaml belongs into the data set's repository, which the Hub must have allowed as a "
        "benchmark; model-index.yaml belongs between the --- of the model's README.md.",
        *failure_notes(rows),
    ]
    return Exported((*paths, tasks), tuple(notes))


def _named_data_set(run: Run) -> str:
    if name := hub_data_set(run):
        return name
    raise UsageError(
        f"{run.folder}: its suite is not on the Hub; name the data set's repository with "
        "--dataset OWNER/NAME"
    )


def _task_id(row: Row, metric: str) -> str:
    scope = "" if row.scope == "article" else f"_{row.scope}"
    return f"{row.task}{scope}_{metric}"


def _results(run: Run, rows: Sequence[Row], dataset: str, url: str | None) -> list[dict[str, Any]]:
    results = []
    for row in rows:
        for metric, number in row.metrics.items():
            if number.mean is None:
                continue
            entry: dict[str, Any] = {
                "dataset": {"id": dataset, "task_id": _task_id(row, metric)},
                "value": number.mean,
                "date": made_on(run).date().isoformat(),
                "notes": _note(run, row, number),
            }
            if url:
                entry["source"] = {"url": url, "name": "golden-harness"}
            results.append(entry)
    return results


def _note(run: Run, row: Row, number: Number) -> str:
    interval = number.interval
    told = [f"n={number.n}"]
    if interval:
        told.append(f"95% CI [{interval.low:.4f}, {interval.high:.4f}] ({interval.method})")
    told += [f"failed={row.counts.error}", number.signature, f"suite={run.board.suite.hash[:12]}"]
    if row.prompt:
        told.append(f"prompt={row.prompt.name} v{row.prompt.version} {row.prompt.sha256[:8]}")
    if revision := model_name(row).revision:
        told.append(f"revision={revision}")
    return "; ".join([*told, f"golden-harness {run.board.environment.get('harness')}"])


def _index(run: Run, rows: Sequence[Row], dataset: str, url: str | None) -> list[dict[str, Any]]:
    results = []
    for row in rows:
        metrics = [
            {
                "type": "rouge" if metric.startswith("rouge") else _TYPES.get(metric, metric),
                "name": metric,
                "value": number.mean,
                "args": {
                    "n": number.n,
                    "signature": number.signature,
                    "interval": [number.interval.low, number.interval.high]
                    if number.interval
                    else None,
                },
            }
            for metric, number in row.metrics.items()
            if number.mean is not None
        ]
        result: dict[str, Any] = {
            "task": {"type": _TASKS[row.task], "name": f"{row.task} {row.scope}"},
            "dataset": {
                "type": dataset,
                "name": run.board.suite.id,
                # The Hub groups by these, and keeps one source a group.
                "config": f"{row.task}-{row.scope}",
                "args": {"suite_sha256": run.board.suite.hash, "failed": row.counts.error},
            },
            "metrics": metrics,
        }
        if url:
            result["source"] = {"url": url, "name": "golden-harness"}
        results.append(result)
    return results


def _tasks(run: Run, rows: Sequence[Row]) -> dict[str, Any]:
    ids = dict.fromkeys(_task_id(row, metric) for row in rows for metric in row.metrics)
    return {
        "name": run.board.suite.id,
        "description": f"Articles with golden summaries and questions, SHA-256 "
        f"{run.board.suite.hash}, scored by golden-harness; a task is a metric.",
        "evaluation_framework": "golden-harness",
        "tasks": [{"id": task, "split": "test"} for task in ids],
    }


class _Dumper(yaml.SafeDumper):
    """Writes dates in quotes, which a reader would take for dates otherwise; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(content: object) -> str:
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
