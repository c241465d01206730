"""Chat messages as the text and tokens that a decoder-only model reads."""

import datetime
from typing import Any

from harness.errors import ModelError
from harness.prompting.postprocessing import THOUGHT_TAGS
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


def encode_messages(tokenizer: Any, messages: list[Message]) -> tuple[str, list[int]]:
    """Return the prompt's text and tokens; what an article says never becomes a control token.

    Without a chat template the messages stand one after the other, an empty line between two.
    """
    if tokenizer.chat_template:
        accepted = (
            messages
            if _accepts_system_message(tokenizer, messages)
            else _fold_system_message(messages)
        )
        text: str = _apply_chat_template(tokenizer, accepted, tokenize=False)
        ids: list[int] = _apply_chat_template(
            tokenizer, accepted, tokenize=True, return_dict=False, sanitize_control_tokens=True
        )
        return text, ids
    text = "\n\n".join(message["content"] for message in messages) + "\n\n"
    return text, tokenizer(text, split_special_tokens=True, verbose=False)["input_ids"]


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
    if not set(THOUGHT_TAGS) & set(control_tokens.values()):
        return str(tokenizer.decode(ids, skip_special_tokens=True))
    return str(
        tokenizer.decode(
            [
                token_id
                for token_id in ids
                if control_tokens.get(token_id, THOUGHT_TAGS[0]) in THOUGHT_TAGS
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
    return tokenizer.apply_chat_template(
        messages,
        chat_template=_CLOCK + tokenizer.chat_template,
        add_generation_prompt=True,
        **options,
    )


def _accepts_system_message(tokenizer: Any, messages: list[Message]) -> bool:
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
        return "a-system-message" in _apply_chat_template(tokenizer, probe, tokenize=False)
    except TemplateError:
        return False


def _fold_system_message(messages: list[Message]) -> list[Message]:
    """Return the messages with the system's in front of the first user's."""
    system, first, *rest = messages
    content = f"{system['content']}\n\n{first['content']}"
    return [{"role": first["role"], "content": content}, *rest]
