"""Chat messages as the text and tokens that a decoder-only model reads."""

import datetime
from typing import Any

from harness.errors import ModelError
from harness.prompting.postprocessing import THOUGHT
from harness.prompting.prompts import Message

# Chat templates may print today's date; then every day has another prompt. A macro in front of
# the template takes the place of its clock.
FROZEN_DATE = datetime.date(2026, 1, 1)
_CLOCK = (
    "{%- macro strftime_now(format) -%}{{ format"
    + "".join(
        f".replace('{code}', '{FROZEN_DATE.strftime(code)}')"
        for code in ("%Y", "%y", "%m", "%d", "%B", "%b", "%A", "%a", "%j", "%H", "%M", "%S")
    )
    + " }}{%- endmacro -%}"
)


def tokens(tokenizer: Any, messages: list[Message]) -> tuple[str, list[int]]:
    """Return the prompt's text and tokens; what an article says never becomes a control token.

    Without a chat template the messages stand one after the other, an empty line between two.
    """
    if tokenizer.chat_template:
        told = messages if _takes_system(tokenizer, messages) else _folded(messages)
        text: str = _chat(tokenizer, told, tokenize=False)
        ids: list[int] = _chat(
            tokenizer, told, tokenize=True, return_dict=False, sanitize_control_tokens=True
        )
        return text, ids
    text = "\n\n".join(message["content"] for message in messages) + "\n\n"
    return text, tokenizer(text, split_special_tokens=True, verbose=False)["input_ids"]


def decoded(tokenizer: Any, ids: list[int]) -> str:
    """Return a reply as text, without control tokens.

    The marks of a thought stay where they are control tokens too: without them no one could tell
    the thought from the reply.
    """
    control = {i: one.content for i, one in tokenizer.added_tokens_decoder.items() if one.special}
    if not set(THOUGHT) & set(control.values()):
        return str(tokenizer.decode(ids, skip_special_tokens=True))
    return str(tokenizer.decode([i for i in ids if control.get(i, THOUGHT[0]) in THOUGHT]))


def window(wanted: int | None, config: Any) -> int:
    """Return how many tokens the model can read and write together."""
    limit: int | None = getattr(config, "max_position_embeddings", None)
    sizes = [size for size in (wanted, limit) if size]
    if not sizes:
        raise ModelError("the checkpoint names no window; give `window` in the roster")
    return min(sizes)


def _chat(tokenizer: Any, messages: list[Message], **options: Any) -> Any:
    return tokenizer.apply_chat_template(
        messages,
        chat_template=_CLOCK + tokenizer.chat_template,
        add_generation_prompt=True,
        **options,
    )


def _takes_system(tokenizer: Any, messages: list[Message]) -> bool:
    """Return whether the template has a place for the system message, if there is one.

    Some refuse one, and some leave it out without a word.
    """
    from jinja2.exceptions import TemplateError

    if messages[0]["role"] != "system":
        return True
    probe: list[Message] = [
        {"role": "system", "content": "a-system-message"},
        {"role": "user", "content": "a-question"},
    ]
    try:
        return "a-system-message" in _chat(tokenizer, probe, tokenize=False)
    except TemplateError:
        return False


def _folded(messages: list[Message]) -> list[Message]:
    """Return the messages with the system's in front of the first user's."""
    system, first, *rest = messages
    content = f"{system['content']}\n\n{first['content']}"
    return [{"role": first["role"], "content": content}, *rest]
