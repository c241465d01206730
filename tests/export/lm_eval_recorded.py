"""Run lm-evaluation-harness on exported tasks, a run's outputs in the place of a model's.

    python lm_eval_recorded.py EXPORTED PREDICTIONS.jsonl OUT MODEL...

Prints each model's means as JSON, by task and metric, and writes its samples into OUT/MODEL, as
`lm-eval run --output_path OUT --log_samples` does. It runs in an environment that has lm-eval.
"""

import json
import sys
from pathlib import Path
from typing import Any

from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager


class Recorded(LM):  # type: ignore[misc]
    """Says what was recorded of the example whose prompt it is given."""

    def __init__(self, outputs: dict[str, str]) -> None:
        super().__init__()
        self._outputs = outputs

    def generate_until(self, requests: list[Any], disable_tqdm: bool = False) -> list[str]:
        return [self._outputs[request.args[0]] for request in requests]

    def loglikelihood(self, requests: list[Any], disable_tqdm: bool = False) -> list[Any]:
        raise NotImplementedError

    def loglikelihood_rolling(self, requests: list[Any], disable_tqdm: bool = False) -> list[Any]:
        raise NotImplementedError


def main() -> None:
    folder, predictions, out, *models = sys.argv[1:]
    data = {file.stem: _lines(file) for file in Path(folder).glob("*.jsonl")}
    prompts = {
        (name.removesuffix("_event"), row["id"]): row["prompt"]
        for name, rows in data.items()
        for row in rows
    }
    lines = _lines(Path(predictions))
    manager = TaskManager(include_path=folder)
    results = {}
    for model in models:
        outputs = {
            prompts[line["task"], line["example"]]: line["text"]
            for line in lines
            if line["model"] == model
        }
        tasks = {line["task"] for line in lines if line["model"] == model}
        done = simple_evaluate(
            model=Recorded(outputs),
            tasks=sorted(f"golden_{name}" for name in data if name.removesuffix("_event") in tasks),
            task_manager=manager,
            log_samples=True,
            bootstrap_iters=0,
        )
        results[model] = done["results"]
        tracker = EvaluationTracker(output_path=out)
        tracker.general_config_tracker.model_name_sanitized = model
        tracker.date_id = "2026-11-30T12-00-00.000000"
        for task, samples in done["samples"].items():
            tracker.save_results_samples(task_name=task, samples=samples)
    sys.stdout.write(json.dumps(results, default=str) + "\n")


def _lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
