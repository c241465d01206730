"""The roster key `prompts`: which prompt a model is asked each task with.

    prompts = { summarize = "summarize-brief", answer = "answer-span" }

A name is looked for in `prompts/` beside the roster, then among the shipped ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

from harness.errors import did_you_mean
from harness.prompting.prompts import Prompt, read_prompt
from harness.records import TASKS, Task

DEFAULT_PROMPTS = {"summarize": "summarize-brief", "answer": "answer-span"}


@dataclass(frozen=True)
class RosterContext:
    """Where a roster's names lead: its own folder, and the folders that hold prompts."""

    folder: Path
    prompt_folders: Sequence[Path]


def _resolve_prompts(value: object, info: ValidationInfo) -> dict[Task, Prompt]:
    if not isinstance(value, Mapping):
        raise ValueError('must name a prompt a task: { answer = "answer-span" }')
    if not isinstance(info.context, RosterContext):
        raise TypeError("prompts are found by their names in a roster's surroundings only")
    folders = info.context.prompt_folders
    prompts: dict[Task, Prompt] = {}
    for task, name in value.items():
        if task not in TASKS:
            raise ValueError(f"{task!r} is no task; there are {' and '.join(TASKS)}")
        prompt = find_prompt(str(name), folders)
        if prompt.task != task:
            raise ValueError(f"the prompt {name!r} is one to {prompt.task}, not to {task}")
        prompts[task] = prompt
    return prompts


def find_prompt(name: str, folders: Sequence[Path]) -> Prompt:
    """Return the prompt of a name in the first of the folders that has it; raise ValueError."""
    paths = {path.stem: path for folder in reversed(folders) for path in folder.glob("*.toml")}
    if name not in paths:
        raise ValueError(f"there is no prompt {name!r}{did_you_mean(name, sorted(paths))}")
    return read_prompt(paths[name])


Prompts = Annotated[Mapping[Task, Prompt], PlainValidator(_resolve_prompts)]
