"""Prompt templates: one TOML file a prompt, and the chat messages made from it.

The placeholders have names: `{article}` in both tasks, `{question}` in `answer`, and in
`summarize`, if the prompt wants it, `{words}`: the length asked for, "50 to 70". Doubled braces
stand for themselves. What is put in is never read as a template again.

An article is data from outside: `{article}` puts it between tags that it cannot close (see
`harness.prompting.delimiters`), and `{tag}` is their name, for a prompt that wants to speak of it.

`[[few_shot]]` tables are worked examples, each with an `article`, a `question` if the task has
one, and the `reply` that is wanted. They come before the article that is asked about.
"""

import string
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import DataError
from harness.files import canonical_json, read_toml, sha256, validate
from harness.prompting.delimiters import delimit, unused_tag
from harness.prompting.postprocessing import final_text
from harness.records import Query, Task

REQUIRED_PLACEHOLDERS: dict[Task, frozenset[str]] = {
    "summarize": frozenset({"article"}),
    "answer": frozenset({"article", "question"}),
}
ALLOWED_PLACEHOLDERS: dict[Task, frozenset[str]] = {
    "summarize": REQUIRED_PLACEHOLDERS["summarize"] | {"tag", "words"},
    "answer": REQUIRED_PLACEHOLDERS["answer"] | {"tag"},
}

# Counts the changes to how a template becomes messages, and a raw output a text.
_RENDERING_VERSION = 2


class Message(TypedDict):
    """One chat message, as chat templates and chat servers expect it."""

    role: Literal["system", "user", "assistant"]
    content: str


class _PromptPart(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Shot(_PromptPart):
    article: str
    reply: str
    question: str | None = None


class _PromptFile(_PromptPart):
    name: str
    version: Annotated[int, Field(ge=1)]
    task: Task
    system: str = ""
    user: str
    max_new_tokens: Annotated[int, Field(ge=1)]
    no_answer: str | None = None
    few_shot: list[_Shot] = []


_PROMPT = TypeAdapter(_PromptFile)


@dataclass(frozen=True, slots=True)
class Shot:
    """A worked example of a prompt: what is asked, and the reply that is wanted."""

    article: str
    reply: str
    question: str | None = None


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
    few_shot: tuple[Shot, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """The hash of everything the template says, its name aside."""
        shots = [[shot.article, shot.question, shot.reply] for shot in self.few_shot]
        limits = [self.max_new_tokens, self.no_answer]
        return sha256(
            canonical_json([_RENDERING_VERSION, self.task, self.system, self.user, *limits, shots])
        )

    def render(self, query: Query) -> list[Message]:
        """Return the chat messages for a query; the system message is left out if empty."""
        least, most = query.words or (50, 70)
        shots = [*self.few_shot, Shot(query.context, "", query.question)]
        tag = unused_tag(*(text for shot in shots for text in (shot.article, shot.question or "")))
        values = {"words": f"{least} to {most}", "tag": tag}
        messages: list[Message] = []
        if self.system:
            system_values = values | {
                "article": delimit(query.context, tag),
                "question": query.question or "",
            }
            messages.append({"role": "system", "content": self.system.format_map(system_values)})
        for shot in shots:
            user_values = values | {
                "article": delimit(shot.article, tag),
                "question": shot.question or "",
            }
            messages.append({"role": "user", "content": self.user.format_map(user_values)})
            messages.append({"role": "assistant", "content": shot.reply})
        return messages[:-1]

    def postprocess(self, raw: str, stop: tuple[str, ...] = ()) -> str:
        """Return a raw output as the text to score: "" for the no-answer reply.

        Thoughts are cut, and all from the first stop string on: see
        `harness.prompting.postprocessing`.

        >>> prompt = Prompt("p", 1, "answer", "", "{article} {question}", 9, "unanswerable")
        >>> prompt.postprocess(" Unanswerable. ")
        ''
        >>> prompt.postprocess("<think>Hm.</think> 17 minerals ")
        '17 minerals'
        """
        text = final_text(raw, stop)
        if self.no_answer and text.strip(" .!\"'“”").casefold() == self.no_answer.casefold():
            return ""
        return text


def read_prompt(path: Path) -> Prompt:
    """Return the prompt in a TOML file.

    Raises DataError for a file or field that is not as it should be, for a placeholder that is
    missing or unknown, naming it, and for a few-shot example that is not of the prompt's task.
    """
    parsed = validate(_PROMPT, read_toml(path), path)
    if parsed.name != path.stem:
        raise DataError(f"{path}: name: is {parsed.name!r}, but the file is called {path.stem!r}")
    allowed = ALLOWED_PLACEHOLDERS[parsed.task]
    used = _placeholders(path, "system", parsed.system) | _placeholders(path, "user", parsed.user)
    for name in sorted(used - allowed):
        raise DataError(
            f"{path}: unknown placeholder {{{name}}}; a prompt to {parsed.task} has "
            f"{', '.join(f'{{{known}}}' for known in sorted(allowed))}"
        )
    for name in sorted(REQUIRED_PLACEHOLDERS[parsed.task] - used):
        raise DataError(f"{path}: the placeholder {{{name}}} is missing; the model must see it")
    for index, shot in enumerate(parsed.few_shot):
        if (shot.question is None) is (parsed.task == "answer"):
            problem = "is missing; add it" if parsed.task == "answer" else "a summary has none"
            raise DataError(f"{path}: few_shot[{index}].question: {problem}")
    shots = tuple(Shot(shot.article, shot.reply, shot.question) for shot in parsed.few_shot)
    fields = parsed.model_dump(exclude={"few_shot"})
    return Prompt(**fields, few_shot=shots)


def template_pieces(template: str) -> list[tuple[str, str | None]]:
    """Return a template's texts and the names of its fields, in order: (text, None), ("", name).

    >>> template_pieces("Q: {question} {{?}}")
    [('Q: ', None), ('', 'question'), (' {?}', None)]
    """
    pieces: list[tuple[str, str | None]] = []
    for text, name, _, _ in string.Formatter().parse(template):
        if text and pieces and pieces[-1][1] is None:
            pieces[-1] = (pieces[-1][0] + text, None)
        elif text:
            pieces.append((text, None))
        if name is not None:
            pieces.append(("", name))
    return pieces


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
