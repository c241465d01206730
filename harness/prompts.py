"""Prompt templates: one TOML file a prompt, and the chat messages made from it.

The placeholders have names: `{article}` in both tasks, `{question}` in `answer`, and in
`summarize`, if the prompt wants it, `{words}`: the length asked for, "50 to 70". Doubled braces
stand for themselves. What is put in is never read as a template again.
"""

import string
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import DataError
from harness.files import canonical_json, read_toml, sha256, validate
from harness.records import Query, Task

NEEDED: dict[Task, frozenset[str]] = {
    "summarize": frozenset({"article"}),
    "answer": frozenset({"article", "question"}),
}
ALLOWED: dict[Task, frozenset[str]] = {
    "summarize": NEEDED["summarize"] | {"words"},
    "answer": NEEDED["answer"],
}


class Message(TypedDict):
    """One chat message, as chat templates and chat servers expect it."""

    role: Literal["system", "user"]
    content: str


class _PromptFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    version: Annotated[int, Field(ge=1)]
    task: Task
    system: str = ""
    user: str
    max_new_tokens: Annotated[int, Field(ge=1)]
    no_answer: str | None = None


_PROMPT = TypeAdapter(_PromptFile)


@dataclass(frozen=True)
class Prompt:
    """A template for one task, with the most tokens that a model may answer in.

    `no_answer` is the reply that the template asks for when the article does not say; a model
    that gives just that has answered "".
    """

    name: str
    version: int
    task: Task
    system: str
    user: str
    max_new_tokens: int
    no_answer: str | None = None

    @cached_property
    def sha256(self) -> str:
        """The hash of everything the template says, its name aside."""
        parts = [self.task, self.system, self.user, str(self.max_new_tokens), self.no_answer]
        return sha256(canonical_json(parts))

    def render(self, query: Query) -> list[Message]:
        """Return the chat messages for a query; the system message is left out if empty."""
        least, most = query.words or (50, 70)
        values = {
            "article": query.context,
            "question": query.question or "",
            "words": f"{least} to {most}",
        }
        user: Message = {"role": "user", "content": self.user.format_map(values)}
        if not self.system:
            return [user]
        return [{"role": "system", "content": self.system.format_map(values)}, user]

    def answer(self, raw: str) -> str:
        """Return a raw output as the text to score: stripped, "" for the no-answer reply.

        >>> prompt = Prompt("p", 1, "answer", "", "{article} {question}", 9, "unanswerable")
        >>> prompt.answer(" Unanswerable. "), prompt.answer(" 17 minerals ")
        ('', '17 minerals')
        """
        text = raw.strip()
        if self.no_answer and text.strip(" .!\"'“”").casefold() == self.no_answer.casefold():
            return ""
        return text


def read_prompt(path: Path) -> Prompt:
    """Return the prompt in a TOML file.

    Raises DataError for a file or field that is not as it should be, and for a placeholder
    that is missing or unknown, naming it.
    """
    parsed = validate(_PROMPT, read_toml(path), path)
    if parsed.name != path.stem:
        raise DataError(f"{path}: name: is {parsed.name!r}, but the file is called {path.stem!r}")
    allowed = ALLOWED[parsed.task]
    used = _placeholders(path, "system", parsed.system) | _placeholders(path, "user", parsed.user)
    for name in sorted(used - allowed):
        raise DataError(
            f"{path}: unknown placeholder {{{name}}}; a prompt to {parsed.task} has "
            f"{', '.join(f'{{{known}}}' for known in sorted(allowed))}"
        )
    for name in sorted(NEEDED[parsed.task] - used):
        raise DataError(f"{path}: the placeholder {{{name}}} is missing; the model must see it")
    return Prompt(**parsed.model_dump())


def pieces(template: str) -> list[tuple[str, str | None]]:
    """Return a template's texts and the names of its fields, in order: (text, None), ("", name).

    >>> pieces("Q: {question} {{?}}")
    [('Q: ', None), ('', 'question'), (' {?}', None)]
    """
    found: list[tuple[str, str | None]] = []
    for text, name, _, _ in string.Formatter().parse(template):
        if text and found and found[-1][1] is None:
            found[-1] = (found[-1][0] + text, None)
        elif text:
            found.append((text, None))
        if name is not None:
            found.append(("", name))
    return found


def _placeholders(path: Path, field: str, template: str) -> set[str]:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise DataError(
            f"{path}: {field}: {error}; write a brace that is meant as text twice"
        ) from None
    # A conversion or a format would change the text, so it counts as part of an unknown name.
    return {
        name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        for _, name, spec, conversion in parts
        if name is not None
    }
