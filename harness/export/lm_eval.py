"""A run's suite as tasks of lm-evaluation-harness, scored by our metrics.

    lm-eval run --model hf --include_path OUT --tasks golden_summarize,golden_answer ...

`process_results` scores there: metrics of its own would be others, and a list of references is
taken for right if any score is not zero (issue 2890 there).
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.export.exported import Exported
from harness.files import canonical_json, make_folder, shipped_path, write_atomically, write_lines
from harness.leaderboard.run_folder import Run
from harness.models.task_prompts import DEFAULT_PROMPTS
from harness.prompting.prompts import Prompt, read_prompt
from harness.records import SCOPES, TASKS, Example, Task
from harness.run.scoring import suite_metrics
from harness.suite.suite import Suite

_MODULE = "golden_scores"
_HEAD = '''"""What the tasks score: the package golden-harness must be installed here."""

from harness.export.lm_eval_scores import Scores

'''


def export_lm_eval(run: Run, out: Path) -> Exported:
    """Write the tasks, their data and the module that scores, and return what was written.

    The tasks ask the run's own examples with the prompts that ship. Events are a task of their own,
    as they are a row of their own in the leaderboard. Raises UsageError for what
    `harness score` wrote, DataError for a suite that is not in its place.
    """
    if run.verb == "score":
        raise UsageError(f"{run.folder}: has references and no articles, and so no tasks")
    suite = run.suite()
    board = run.board
    make_folder(out)
    paths: list[Path] = []
    functions = _HEAD
    left_out = sorted(name for name, line in board.metrics.items() if line.code)
    for task in (task for task in TASKS if task in board.primary):
        prompt = read_prompt(shipped_path("prompts") / f"{DEFAULT_PROMPTS[task]}.toml")
        settings = {
            "task": task,
            "options": board.metric_options.model_dump(exclude_none=True)
            if board.metric_options
            else {},
            "more": {k: v for k, v in suite.metric_options(task).items() if isinstance(v, str)},
            "prompt": prompt.name,
            "prompt_sha256": prompt.sha256,
        }
        functions += f"{task} = Scores({settings!r})\n"
        for scope in SCOPES:
            examples = list(board.suite.selection.examples_of(suite, task, scope))
            if not examples:
                continue
            name = task if scope == "article" else f"{task}_{scope}"
            data = out.resolve() / f"{name}.jsonl"
            write_lines(data, _rows(examples, prompt))
            path = out / f"golden_{name}.yaml"
            write_atomically(path, _task_yaml(run, suite, task, data, prompt))
            paths += [path, data]
    module = out / f"{_MODULE}.py"
    write_atomically(module, functions)
    notes = [
        "lm-eval prints a mean and a standard error over examples: no interval over articles, no "
        "ranks, and of a metric that some texts have no score by not how many have one.",
        "The YAML names its data by absolute paths, as lm-eval looks for others from the folder in "
        "which it is started: export again where the folder has moved.",
    ]
    if board.judges:
        notes.append("What the reader says (coverage and what stands beside it) is left out.")
    if left_out:
        notes.append(f"Measures of your own are left out: {', '.join(left_out)}.")
    return Exported((*paths, module), tuple(notes))


def _rows(examples: Sequence[Example], prompt: Prompt) -> Iterator[str]:
    for example in examples:
        messages = prompt.render(example.query)
        row = {
            "id": example.id,
            "article": example.query.context,
            "question": example.query.question or "",
            "references": list(example.references),
            # A list as target would be scored as right or wrong; `process_results` has them all.
            "target": next(iter(example.references), ""),
            "prompt_name": prompt.name,
            "prompt": "\n\n".join(message["content"] for message in messages),
        }
        yield canonical_json(row) + "\n"


def _task_yaml(run: Run, suite: Suite, task: Task, data: Path, prompt: Prompt) -> str:
    """Return the YAML, whose values are JSON, which is YAML too."""
    family = suite_metrics(suite, task, run.board.chosen_options())
    metrics = [
        {
            "metric": name,
            "aggregation": "mean",
            "higher_is_better": family.declarations[name].direction != "lower",
        }
        for name in family.signatures
    ]
    content: dict[str, Any] = {
        "task": f"golden_{data.stem}",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "prompt",
        "doc_to_target": "target",
        "generation_kwargs": {
            "until": [],
            "max_gen_toks": prompt.max_new_tokens,
            "do_sample": False,
        },
        "metric_list": metrics,
        "metadata": {
            "version": 1,
            "suite": suite.id,
            "suite_sha256": suite.hash,
            "prompt": f"{prompt.name} v{prompt.version} {prompt.sha256}",
            "signatures": dict(family.signatures),
        },
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in content.items()]
    return "".join([*lines, f"process_results: !function {_MODULE}.{task}\n"])
