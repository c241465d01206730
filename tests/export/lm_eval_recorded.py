"""Run lm-evaluation-harness on exported tasks, a run's outputs in the place of a model's.

    python lm_eval_recorded.py EXPORTED PREDICTIONS.jsonl MODEL

Prints its means as JSON, by task and metric. It runs in an environment that has lm-eval.
"""

import json
import sys
from pathlib import Path
from typing import Any

from lm_eval import simple_evaluate
from lm_eval.api.model import LM
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
    folder, predictions, model = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    prompts = {}
    for data in folder.glob("*.jsonl"):
        for row in map(json.loads, data.read_text("utf-8").splitlines()):
            prompts[data.stem, row["id"]] = row["prompt"]
    outputs, tasks = {}, set()
    for line in map(json.loads, predictions.read_text("utf-8").splitlines()):
        if line["model"] == model:
            outputs[prompts[line["task"], line["example"]]] = line["text"]
            tasks.add(f"golden_{line['task']}")
    done = simple_evaluate(
        model=Recorded(outputs),
        tasks=sorted(tasks),
        task_manager=TaskManager(include_path=str(folder)),
        log_samples=True,
        bootstrap_iters=0,
    )
    told = {"results": done["results"], "samples": done["samples"]}
    sys.stdout.write(json.dumps(told, default=str) + "\n")


if __name__ == "__main__":
    main()
