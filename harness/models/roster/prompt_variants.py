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
    found: Mapping[Task, Prompt] = getattr(model, "prompts", {})
    return found


def under(entries: Sequence[Entry], names: Sequence[str], tasks: Sequence[Task]) -> list[Entry]:
    """Return the entries with each prompted model once under each of the named prompts.

    Such an entry is called "model [prompt]" and has the prompt's task. A task that no name is
    for keeps the model's own prompt, and the model its name. Raises UsageError for a prompt that
    there is not, that is for none of the tasks, or that no model takes.
    """
    found = [one for entry in entries for one in _under(entry, dict.fromkeys(names), tasks)]
    made = [one.name for one in found]
    for name in names:
        if not any(one.endswith(f" [{name}]") for one in made):
            raise UsageError(
                f"--prompts: no chosen model is prompted to do what {name!r} asks; leave it out"
            )
    for name in made:
        if made.count(name) > 1:
            raise UsageError(f"--prompts: two models are called {name!r}; rename the roster's")
    return found


def _under(entry: Entry, names: Mapping[str, None], tasks: Sequence[Task]) -> list[Entry]:
    own = prompts_of(entry.model)
    if not own:
        return [entry]
    chosen = [_prompt(name, entry, tasks) for name in names]
    asked = {prompt.task for prompt in chosen}
    rest = tuple(task for task in entry.tasks if not (task in own and task in asked))
    variants = [
        replace(
            entry,
            name=f"{entry.name} [{prompt.name}]",
            tasks=(prompt.task,),
            model=entry.model.model_copy(update={"prompts": {prompt.task: prompt}}),
        )
        for prompt in chosen
        if prompt.task in own and prompt.task in entry.tasks
    ]
    return [*([replace(entry, tasks=rest)] if rest else []), *variants]


def _prompt(name: str, entry: Entry, tasks: Sequence[Task]) -> Prompt:
    try:
        prompt = find_prompt(name, entry.prompts)
    except ValueError as error:
        raise UsageError(f"--prompts: {error}") from None
    if prompt.task not in tasks:
        raise UsageError(
            f"--prompts: {name!r} is a prompt to {prompt.task}, and that is not among --tasks"
        )
    return prompt
