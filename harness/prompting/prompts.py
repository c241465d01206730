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
from typing import Literal, TypedDict

from harness.files import canonical_json, sha256
from harness.prompting.delimiters import delimit, unused_tag
from harness.prompting.postprocessing import final_text
from harness.prompting.prompt_file import read_prompt_file
from harness.records import Query, Task

# Counts the changes to how a template becomes messages, and a raw output a text.
_RENDERING_VERSION = 2


class Message(TypedDict):
    """One chat message, as chat templates and chat servers expect it."""

    role: Literal["system", "user", "assistant"]
    content: str


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
    """Return the prompt in a TOML file; raise DataError with all that is wrong in it."""
    parsed = read_prompt_file(path)
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
