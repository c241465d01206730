"""What a prompt file may hold: the keys of its TOML, and the placeholders of its texts."""

import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import Problem, Problems
from harness.files import Location, field_path, read_toml_with_lines
from harness.records import TASKS, Task
from harness.validation.validation import nearest_line, validate
from harness.validation.wording import missing_key_message

_REQUIRED: dict[Task, frozenset[str]] = {
    "summarize": frozenset({"article"}),
    "answer": frozenset({"article", "question"}),
}
_ALLOWED: dict[Task, frozenset[str]] = {
    "summarize": _REQUIRED["summarize"] | {"tag", "words"},
    "answer": _REQUIRED["answer"] | {"tag"},
}


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FewShotKeys(_Keys):
    """A worked example, which comes before the article that is asked about."""

    article: Annotated[str, Field(examples=["Ann Lee signed the pact in Rome."])]
    """An article of your own making: none of the suite's."""
    question: Annotated[str | None, Field(examples=["Who signed the pact?"])] = None
    """The question on it, in a prompt to answer; a prompt to summarize has none."""
    reply: Annotated[str, Field(examples=["Ann Lee"])]
    """The reply that is wanted."""


class PromptKeys(_Keys):
    """A template for one task."""

    name: Annotated[str, Field(examples=["answer-mine"])]
    """The prompt's name, which is its file's too."""
    version: Annotated[int, Field(ge=1, examples=[1])]
    """Counts the changes to it."""
    task: Annotated[Task, Field(examples=["answer"])]
    """What it asks for."""
    system: str = ""
    """The system message, with the placeholders of `user`; none is sent if it is empty."""
    user: Annotated[str, Field(examples=["{article} {question}"])]
    """The user's message. `{article}` is where the article stands, between tags; `{tag}` the tags'
    name; `{question}` the question; `{words}` the length asked of a summary, "50 to 70"."""
    max_new_tokens: Annotated[int, Field(ge=1, examples=[32])]
    """The most tokens of a reply."""
    no_answer: str | None = None
    """The reply that the prompt asks for where the article does not say."""
    few_shot: list[FewShotKeys] = []
    """Worked examples, a `[[few_shot]]` table each."""


_PROMPT = TypeAdapter(PromptKeys)


def read_prompt_file(path: Path) -> PromptKeys:
    """Return what stands in a prompt's file.

    Raises DataError with all that is wrong in it: fields that are not as they should be,
    placeholders that are missing or unknown, and few-shot examples not of the prompt's task.
    """
    content, lines = read_toml_with_lines(path)
    problems = Problems()
    with problems.collected():
        parsed = validate(_PROMPT, content, path, lines)
    problems += [
        Problem(path, message, field_path(location), nearest_line(location, lines))
        for location, message in _contradictions(content, path.stem)
    ]
    problems.raise_any()
    return parsed


def _contradictions(content: Mapping[str, Any], stem: str) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong with a prompt's fields together.

    The fields are as the TOML has them, so that this is told with what else is wrong with them: one
    of a wrong type is passed over.
    """
    name, task = content.get("name"), content.get("task")
    if isinstance(name, str) and name != stem:
        yield ("name",), f"is {name!r}, but the file is called {stem!r}; rename one"
    if task not in TASKS:
        return
    seen: set[str] = set()
    for field in ("system", "user"):
        try:
            placeholders = _placeholders(str(content.get(field, "")))
        except ValueError:
            yield (field,), "a brace stands alone; write a brace that is meant as text twice"
            return
        for unknown in sorted(placeholders - _ALLOWED[task]):
            known = ", ".join(f"{{{name}}}" for name in sorted(_ALLOWED[task]))
            message = f"unknown placeholder {{{unknown}}}; a prompt to {task} has {known}"
            yield (field,), message
        seen |= placeholders
    if "user" in content:
        for missing in sorted(_REQUIRED[task] - seen):
            message = f"the placeholder {{{missing}}} is missing; the model must see it"
            yield ("user",), message
    shots = content.get("few_shot")
    for index, shot in enumerate(shots if isinstance(shots, list) else ()):
        if isinstance(shot, dict) and ("question" in shot) is not (task == "answer"):
            examples = FewShotKeys.model_fields["question"].examples or ()
            missing_question = missing_key_message("question", examples, toml=True)
            message = missing_question if task == "answer" else "a summary has none; remove it"
            yield ("few_shot", index, "question"), message


def _placeholders(template: str) -> set[str]:
    """Return the names in a template's braces; raise ValueError for a brace that stands alone."""
    # A conversion or a format would change the text, so it counts as part of an unknown name.
    return {
        name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        for _, name, spec, conversion in string.Formatter().parse(template)
        if name is not None
    }
