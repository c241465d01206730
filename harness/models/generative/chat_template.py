"""Chat messages as the text and tokens that a decoder-only model reads."""

import contextlib
import datetime
from collections.abc import Collection
from typing import Any

from harness.errors import ModelError
from harness.models.generative.template_bounds import (
    EndlessTemplateError,
    bounded_rendering,
    refuse_power,
)
from harness.prompting.dropped import first_dropped, first_out_of_order
from harness.prompting.postprocessing import THOUGHT_MARKS, final_text
from harness.prompting.prompts import Message

# Chat templates may print today's date; then every day has another prompt. A macro in front of
# the template takes the place of its clock. Templates are given data and no functions: the macro
# looks up how the date is written in a format, and asks for one that is not there by failing.
FROZEN_DATE = datetime.date(2026, 1, 1)
_ASKED_FORMAT = "the date in the format "
_QUESTION: Message = {"role": "user", "content": "a-question"}
_CLOCK = (
    "{%- macro strftime_now(format) -%}{{ frozen_dates[format] if format in frozen_dates else "
    f"raise_exception('{_ASKED_FORMAT}' ~ format) }}}}{{%- endmacro %}}\n"
)


def default_chat_template(tokenizer: Any, label: str) -> str | None:
    """Return the tokenizer's chat template, of several the one named "default"; `None` without.

    That is the one that transformers' `apply_chat_template` takes. Raises ModelError for several
    without one of that name, and for one that could take for ever in one step.
    """
    templates: str | dict[str, str] | None = tokenizer.chat_template
    if isinstance(templates, str):
        refuse_power(templates, label)
    if not isinstance(templates, dict):
        return templates
    if "default" not in templates:
        raise ModelError(
            f"{label}: has the chat templates {', '.join(sorted(templates))}, and none of them is "
            'its default; give the one to use the name "default" in a copy of the checkpoint'
        )
    refuse_power(templates["default"], label)
    return templates["default"]


def encode_messages(tokenizer: Any, messages: list[Message]) -> tuple[str, list[int]]:
    """Return the prompt's text and tokens; what an article says never becomes a control token.

    Without a chat template the messages stand one after the other, an empty line between two.
    Raises ModelError for a template that fails, or leaves out some of what they say.
    """
    if tokenizer.chat_template:
        accepted = (
            messages
            if _accepts_system_message(tokenizer, messages)
            else _fold_system_message(messages)
        )
        text: str = _apply_chat_template(tokenizer, accepted, tokenize=False)
        _refuse_dropped(text, accepted, tokenizer.all_special_tokens)
        ids: list[int] = _apply_chat_template(
            tokenizer, accepted, tokenize=True, return_dict=False, sanitize_control_tokens=True
        )
        return text, ids
    text = "\n\n".join(message["content"] for message in messages) + "\n\n"
    ids = tokenizer(text, split_special_tokens=True, verbose=False)["input_ids"]
    # Some tokenizers are saved as they were in training, and end a text that is to go on.
    while ids[1:] and ids[-1] == tokenizer.eos_token_id:
        ids.pop()
    return text, ids


def refuse_endless_template(tokenizer: Any) -> None:
    """Raise EndlessTemplateError for a chat template that takes too long or too much memory."""
    if not tokenizer.chat_template:
        return
    try:
        _apply_chat_template(tokenizer, [_QUESTION], tokenize=False)
    except EndlessTemplateError:
        raise
    except ModelError:  # of all else each query is told
        return


def decode_reply(tokenizer: Any, ids: list[int]) -> str:
    """Return a reply as text, without control tokens.

    The marks of a thought stay where they are control tokens too: without them no one could tell
    the thought from the reply.
    """
    control_tokens = {
        token_id: token.content
        for token_id, token in tokenizer.added_tokens_decoder.items()
        if token.special
    }
    if THOUGHT_MARKS.isdisjoint(control_tokens.values()):
        return str(tokenizer.decode(ids, skip_special_tokens=True))
    return str(
        tokenizer.decode(
            [
                token_id
                for token_id in ids
                if control_tokens.get(token_id) is None or control_tokens[token_id] in THOUGHT_MARKS
            ]
        )
    )


def context_window(requested: int | None, config: Any) -> int:
    """Return how many tokens the model can read and write together."""
    limit: int | None = getattr(config, "max_position_embeddings", None)
    sizes = [size for size in (requested, limit) if size]
    if not sizes:
        raise ModelError("the checkpoint names no window; give `window` in the roster")
    return min(sizes)


def _apply_chat_template(tokenizer: Any, messages: list[Message], **options: Any) -> Any:
    frozen_dates: dict[str, str] = {}
    while True:
        try:
            # What is cut into tokens was rendered before.
            with contextlib.nullcontext() if options["tokenize"] else bounded_rendering():
                return tokenizer.apply_chat_template(
                    messages,
                    chat_template=_CLOCK + tokenizer.chat_template,
                    add_generation_prompt=True,
                    frozen_dates=frozen_dates,
                    **options,
                )
        except ModelError:
            raise
        except Exception as error:  # a template is a program, and not one of ours
            _, asked, date_format = str(error).partition(_ASKED_FORMAT)
            if not asked or date_format in frozen_dates:
                reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
                raise ModelError(f"the chat template fails: {reason}") from error
            frozen_dates[date_format] = FROZEN_DATE.strftime(date_format)


def _refuse_dropped(text: str, messages: list[Message], control_tokens: Collection[str]) -> None:
    """Raise ModelError for a rendered prompt that lacks words of a message, or turns them round.

    The system's message may stand anywhere: some templates put it to the last question.
    """
    for message in reversed(messages):  # the last one asks, and is what a person looks for
        said = _said(message)
        dropped = first_dropped(said, text, control_tokens)
        if dropped is not None:
            words = " ".join(dropped.split())[:60]
            raise ModelError(
                f"the chat template leaves out what the {message['role']}'s message says from "
                f"{words!r} on, so the model would not see it; use another prompt, or a "
                "checkpoint whose template prints its messages whole"
            )
    turns = [_said(message) for message in messages if message["role"] != "system"]
    if first_out_of_order(turns, text, control_tokens) is not None:
        raise ModelError(
            "the chat template prints the turns of the conversation in another order; use a prompt "
            "without worked examples, or a checkpoint whose template keeps the order"
        )


def _said(message: Message) -> str:
    """Return what a message says; templates leave out what was thought in past turns."""
    return final_text(message["content"]) if message["role"] == "assistant" else message["content"]


def _accepts_system_message(tokenizer: Any, messages: list[Message]) -> bool:
    """Return whether the template has a place for the system message, if there is one.

    Some refuse one, and some leave it out without a word.
    """
    if messages[0]["role"] != "system":
        return True
    probe: list[Message] = [{"role": "system", "content": "a-system-message"}, _QUESTION]
    try:
        return "a-system-message" in _apply_chat_template(tokenizer, probe, tokenize=False)
    except EndlessTemplateError:
        raise
    except ModelError:
        return False


def _fold_system_message(messages: list[Message]) -> list[Message]:
    """Return the messages with the system's in front of the first user's."""
    system, first, *rest = messages
    content = f"{system['content']}\n\n{first['content']}"
    return [{"role": first["role"], "content": content}, *rest]
