"""A run as Every Eval Ever has results: a JSON file a model, and a line an example and metric.

Schema 0.3.0, https://github.com/evaleval/every_eval_ever:
`data/COLLECTION/DEVELOPER/MODEL/UUID.json` beside `UUID_samples.jsonl`.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.export.exported import (
    Exported,
    ModelName,
    failure_notes,
    hub_data_set,
    model_name,
    model_rows,
    slug,
)
from harness.files import canonical_json, make_folder, sha256, write_atomically, write_lines
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import MetricLine, Number
from harness.leaderboard.run_folder import Run
from harness.leaderboard.run_time import made_on
from harness.records import Example, Scope, Task

SCHEMA = "0.3.0"
# What the format itself calls metrics; all others have our name before theirs.
_IDS = {
    "rouge1": "rouge-1", "rouge2": "rouge-2", "rougeL": "rouge-l", "f1": "f1",
    "exact_match": "exact-match",
}  # fmt: skip
_KINDS = {"f1": "f1", "exact_match": "accuracy"}
# The text of an example that is scored is not all of what a model wrote.
_EXTRACTION = "golden-harness: thoughts and stop strings are cut; a refusal is an empty text"


def export_every_eval_ever(
    run: Run, out: Path, names: Sequence[str] | None = None, organization: str | None = None
) -> Exported:
    """Write a run's models into `out` and return what was written.

    `organization` is who ran it. The same run has the same files. Raises UsageError for a row that
    there is not, DataError for a suite that is not in its place.
    """
    rows = model_rows(run, names)
    suite = run.suite()
    examples = {
        (row.task, row.scope): {e.id: e for e in suite.examples(row.task, row.scope)}
        for row in rows
    }
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row.model, []).append(row)
    paths: list[Path] = []
    collection = slug(run.board.suite.id)
    for model, own in by_model.items():
        name = model_name(own[0])
        file_id = _uuid(run, model)
        folder = out / "data" / collection / name.developer / name.name
        make_folder(folder)
        aggregate = _aggregate(run, own, name, organization)
        samples = folder / f"{file_id}_samples.jsonl"
        lines = [*_instances(run, own, name, aggregate["evaluation_id"], examples)]
        checksum = write_lines(samples, (canonical_json(line) + "\n" for line in lines))
        aggregate["detailed_evaluation_results"] = {
            "format": "jsonl",
            "file_path": samples.relative_to(out).as_posix(),
            "hash_algorithm": "sha256",
            "checksum": checksum,
            "total_rows": len(lines),
        }
        path = folder / f"{file_id}.json"
        write_atomically(path, json.dumps(aggregate, indent=2, ensure_ascii=False) + "\n")
        paths += [path, samples]
    notes = [
        "Every Eval Ever has no room for comparisons between models, ranks, and people, floors and "
        "oracle beside a model: those stay in leaderboard.json.",
        "The lines hold the articles, references and outputs: publish them only as far as the "
        "texts' licences allow.",
        *failure_notes(rows),
    ]
    return Exported(tuple(paths), tuple(notes))


def _uuid(run: Run, model: str) -> uuid.UUID:
    """Return an id that follows from the run: the same run exported twice is one."""
    digest = sha256(canonical_json([run.board_sha256, model]))
    return uuid.UUID(bytes=bytes.fromhex(digest)[:16], version=4)


def _aggregate(
    run: Run, rows: Sequence[Row], name: ModelName, organization: str | None
) -> dict[str, Any]:
    board, written = run.board, made_on(run)
    stamp = str(int(written.timestamp()))
    served = rows[0].identity.get("kind") == "endpoint"
    engine = _engine(board.environment)
    info: dict[str, Any] = {
        "name": name.name,
        "id": name.id,
        "developer": name.developer,
        "additional_details": _texts(
            {
                "deployment_type": "externally_managed" if served else "self_deployed",
                "model_availability": "open_weights" if rows[0].weights else "unknown",
                "roster_name": rows[0].model,
                "revision": name.revision,
                "licence": rows[0].licence,
                "weights": rows[0].weights,
            }
        ),
    }
    if engine and not served:
        info["inference_engine"] = engine
    return {
        "schema_version": SCHEMA,
        "evaluation_id": f"{slug(board.suite.id)}/{name.id}/{stamp}",
        "evaluation_timestamp": written.isoformat(),
        "retrieved_timestamp": stamp,
        "source_metadata": {
            "source_type": "evaluation_run",
            "source_name": "golden-harness",
            "source_organization_name": organization or "unknown",
            "evaluator_relationship": "other",
        },
        "model_info": info,
        "eval_library": {
            "name": "golden-harness",
            "version": str(board.environment.get("harness") or "unknown"),
            "additional_details": _texts(dict(board.environment)),
        },
        "evaluation_results": [
            _result(run, row, metric, number)
            for row in rows
            for metric, number in row.metrics.items()
            if number.mean is not None
        ],
    }


def _result(run: Run, row: Row, metric: str, number: Number) -> dict[str, Any]:
    board = run.board
    line = board.metrics[metric]
    mean = number.mean or 0.0
    uncertainty: dict[str, Any] = {"num_samples": number.n}
    if interval := number.interval:
        uncertainty["confidence_interval"] = {
            "lower": interval.low,
            "upper": interval.high,
            "confidence_level": 0.95,
            "method": f"{interval.method}, over articles",
        }
    counts = row.counts
    return {
        "evaluation_result_id": _result_id(row, metric),
        "evaluation_name": f"{board.suite.id} {row.task} {row.scope}",
        "evaluation_timestamp": made_on(run).isoformat(),
        "source_data": _source(run),
        "metric_config": {
            "evaluation_description": f"{metric} of {row.task}, the mean over {row.scope}s",
            "metric_id": _IDS.get(metric, f"golden-harness.{metric}"),
            "metric_name": metric,
            "metric_kind": _KINDS.get(metric, "text_overlap" if "rouge" in metric else metric),
            "lower_is_better": line.direction == "lower",
            "score_type": "continuous",
            "min_score": "-Infinity" if line.low is None else min(line.low, mean),
            "max_score": "Infinity" if line.high is None else max(line.high, mean),
            "metric_parameters": {"signature": number.signature, "role": line.role},
            "additional_details": _texts({"direction": line.direction}),
        },
        "score_details": {
            "score": mean,
            "details": _texts(
                {
                    "expected": counts.expected,
                    "scored": number.n,
                    "failed": counts.error,
                    "missing": counts.missing,
                    "cut": counts.truncated,
                    "primary": board.primary[row.task] == metric,
                }
            ),
            "uncertainty": uncertainty,
        },
        "generation_config": _generation(row),
    }


def _generation(row: Row) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, key in (("temperature", "temperature"), ("top_p", "top_p"), ("top_k", "top_k")):
        value = row.identity.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            arguments[name] = value
    if row.output_limit:
        arguments["max_tokens"] = row.output_limit
    prompt = row.prompt.model_dump() if row.prompt else None
    details = _texts({"identity": row.identity, "prompt": prompt, "of_checkpoint": row.generation})
    return {"generation_args": arguments, "additional_details": details}


def _source(run: Run) -> dict[str, Any]:
    suite = run.board.suite
    details = {"suite_sha256": suite.hash, "licence": suite.licence, "citation": suite.citation}
    if name := hub_data_set(run):
        source = suite.data.source if suite.data else name
        return {
            "dataset_name": suite.id,
            "source_type": "hf_dataset",
            "hf_repo": name,
            "additional_details": _texts(details | {"data": source}),
        }
    return {
        "dataset_name": suite.id,
        "source_type": "other",
        "additional_details": _texts(details),
    }


def _instances(
    run: Run,
    rows: Sequence[Row],
    name: ModelName,
    evaluation_id: str,
    examples: Mapping[tuple[Task, Scope], Mapping[str, Example]],
) -> Iterator[dict[str, Any]]:
    """Yield a line for each example that was scored and each of its scores."""
    for row in rows:
        for line in run.lines_of(row):
            if line.error is not None:
                continue
            example = examples[row.task, row.scope][line.example]
            query = example.query
            asked = f"{query.context}\n\n{query.question}" if query.question else query.context
            given = {"raw": asked, "reference": list(example.references)}
            hashed = json.dumps(given, sort_keys=True, separators=(",", ":"))
            for metric, score in line.scores.items():
                yield {
                    "schema_version": SCHEMA,
                    "evaluation_id": evaluation_id,
                    "model_id": name.id,
                    "evaluation_name": f"{run.board.suite.id} {row.task} {row.scope}",
                    "evaluation_result_id": _result_id(row, metric),
                    "sample_id": line.example,
                    "sample_hash": sha256(hashed),
                    "interaction_type": "single_turn",
                    "input": given,
                    "output": {"raw": [line.text if line.raw is None else line.raw]},
                    "answer_attribution": [
                        {
                            "turn_idx": 0,
                            "source": "output.raw",
                            "extracted_value": line.text,
                            "extraction_method": _EXTRACTION,
                            "is_terminal": True,
                        }
                    ],
                    "evaluation": {
                        "score": score,
                        "is_correct": _is_best(run.board.metrics[metric], score),
                    },
                    "metadata": _texts({"metric": metric, "key": line.key, "finish": line.finish}),
                }


def _is_best(line: MetricLine, score: float) -> bool:
    """Return whether a score is the best that there is, which is all that a share can tell."""
    return score == (line.low if line.direction == "lower" else line.high)


def _result_id(row: Row, metric: str) -> str:
    return f"{row.task}-{row.scope}-{metric}"


def _engine(environment: Mapping[str, object]) -> dict[str, str] | None:
    packages = environment.get("packages")
    version = packages.get("transformers") if isinstance(packages, Mapping) else None
    return {"name": "transformers", "version": str(version)} if version else None


def _texts(facts: Mapping[str, object]) -> dict[str, str]:
    """Return what is known of some facts as texts, which is all that the format takes."""
    return {
        name: value if isinstance(value, str) else canonical_json(value)
        for name, value in facts.items()
        if value is not None
    }
