"""The roster key `prompts`: which prompt a model is asked each task with.

    prompts = { summarize = "summarize-brief", answer = "answer-span" }

A name is looked for in `prompts/` beside the roster, then among the shipped ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, PlainValidator, ValidationInfo

from harness.errors import DataError, did_you_mean
from harness.prompting.prompts import Prompt, read_prompt
from harness.records import Task
from harness.validation.wording import Words

DEFAULT_PROMPTS = {"summarize": "summarize-brief", "answer": "answer-span"}


@dataclass(frozen=True)
class RosterContext:
    """Where a roster's names lead: its own folder, and the folders that hold prompts."""

    folder: Path
    prompt_folders: Sequence[Path]


def _named_prompt(name: object, info: ValidationInfo) -> Prompt:
    if not isinstance(name, str):
        raise ValueError('must be the name of a prompt in quotes, such as "answer-span"')
    if not isinstance(info.context, RosterContext):
        raise TypeError("prompts are found by their names in a roster's surroundings only")
    try:
        return find_prompt(name, info.context.prompt_folders)
    except DataError as error:
        raise ValueError(str(error)) from error


def _each_for_its_task(prompts: dict[Task, Prompt]) -> dict[Task, Prompt]:
    for task, prompt in prompts.items():
        if prompt.task != task:
            raise ValueError(f"the prompt {prompt.name!r} is one to {prompt.task}, not to {task}")
    return prompts


def find_prompt(name: str, folders: Sequence[Path]) -> Prompt:
    """Return the prompt of a name in the first of the folders that has it; raise ValueError."""
    paths = {path.stem: path for folder in reversed(folders) for path in folder.glob("*.toml")}
    if name not in paths:
        raise ValueError(f"there is no prompt {name!r}{did_you_mean(name, sorted(paths))}")
    return read_prompt(paths[name])


Prompts = Annotated[
    dict[
        Task,
        Annotated[
            Prompt, PlainValidator(_named_prompt, json_schema_input_type=str), Words("prompt name")
        ],
    ],
    AfterValidator(_each_for_its_task),
]
