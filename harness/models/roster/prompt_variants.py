"""Models under several prompts: one entry for each, so that the leaderboard keeps them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.errors import UsageError
from harness.models.model import Model
from harness.models.roster.roster import Entry
from harness.models.task_prompts import find_prompt
from harness.prompting.prompts import Prompt
from harness.records import Task


def prompts_of(model: Model) -> Mapping[Task, Prompt]:
    """Return the prompts that a model is asked with, by task; none if it reads no prompt."""
    prompts: Mapping[Task, Prompt] = getattr(model, "prompts", {})
    return prompts


def prompt_variants(
    entries: Sequence[Entry], names: Sequence[str], tasks: Sequence[Task]
) -> list[Entry]:
    """Return the entries with each prompted model once under each of the named prompts.

    Such an entry is called "model [prompt]" and has the prompt's task. A task that no name is
    for keeps the model's own prompt, and the model its name. Raises UsageError for a prompt that
    there is not, that is for none of the tasks, or that no model takes.
    """
    variants = [
        variant
        for entry in entries
        for variant in _entry_variants(entry, dict.fromkeys(names), tasks)
    ]
    variant_names = [variant.name for variant in variants]
    for name in names:
        if not any(variant_name.endswith(f" [{name}]") for variant_name in variant_names):
            raise UsageError(
                f"--prompts: no chosen model is prompted to do what {name!r} asks; leave it out"
            )
    for name in variant_names:
        if variant_names.count(name) > 1:
            raise UsageError(f"--prompts: two models are called {name!r}; rename the roster's")
    return variants


def _entry_variants(entry: Entry, names: Mapping[str, None], tasks: Sequence[Task]) -> list[Entry]:
    own_prompts = prompts_of(entry.model)
    if not own_prompts:
        return [entry]
    prompts = [_prompt(name, entry, tasks) for name in names]
    prompted_tasks = {prompt.task for prompt in prompts}
    other_tasks = tuple(
        task for task in entry.tasks if not (task in own_prompts and task in prompted_tasks)
    )
    variants = [
        replace(
            entry,
            name=f"{entry.name} [{prompt.name}]",
            tasks=(prompt.task,),
            model=entry.model.model_copy(update={"prompts": {prompt.task: prompt}}),
        )
        for prompt in prompts
        if prompt.task in own_prompts and prompt.task in entry.tasks
    ]
    return [*([replace(entry, tasks=other_tasks)] if other_tasks else []), *variants]


def _prompt(name: str, entry: Entry, tasks: Sequence[Task]) -> Prompt:
    try:
        prompt = find_prompt(name, entry.prompt_folders)
    except ValueError as error:
        raise UsageError(f"--prompts: {error}") from None
    if prompt.task not in tasks:
        raise UsageError(
            f"--prompts: {name!r} is a prompt to {prompt.task}, and that is not among --tasks"
        )
    return prompt
