"""What a model said, from all that it wrote: thoughts and what follows a stop string are cut."""

import re
from collections.abc import Sequence

from harness.records import Prediction

_THINK = ("<think>", "</think>")
# Other marks of thoughts, which count at the beginning of a reply: Anthropic's, Gemma's and Seed's,
# Magistral's, Command A's, Kimi's, and those that people train and ask for.
_OTHER_THOUGHTS = {
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "<|start_thinking|>": "<|end_thinking|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "◁think▷": "◁/think▷",
}
# The harmony format of gpt-oss, whole and where a server left its control tokens out:
# https://github.com/openai/harmony.
_FINAL_CHANNEL = "<|channel|>final<|message|>"
_BARE_CHANNELS = re.compile(r"\s*analysis.*?assistantfinal", re.DOTALL)
# What ends a model's turn. Servers that are set to show control tokens send it, and what follows.
_TURN_END = re.compile(
    r"<\|(?:im_end|eot_id|end_of_text|endoftext|eom_id|return|end|END_OF_TURN_TOKEN|END_RESPONSE)\|>"
    r"|<｜end▁of▁sentence｜>|<end_of_turn>|(?:</s>|<eos>)\s*$"
)
_RESPONSE = "<|START_RESPONSE|>"

# Control tokens without which no one can tell the thought from the reply.
THOUGHT_MARKS = frozenset(
    (
        *_THINK, "[THINK]", "[/THINK]", "<|START_THINKING|>", "<|END_THINKING|>", "<|channel|>",
        "<|message|>", "◁think▷", "◁/think▷",
    )
)  # fmt: skip

# What ended by its limit, as servers say it: OpenAI's API, and those that pass another's word on;
# Mistral's, of the end of the model's window.
_LIMITS = ("length", "max_tokens", "model_length")

CUT_TO_NOTHING = (
    "ModelError: the reply ended by the limit of its tokens before it had any text; raise the "
    "prompt's max_new_tokens"
)


def final_text(raw: str, stop: Sequence[str] = ()) -> str:
    r"""Return a raw output without its thoughts, up to the first stop string, stripped.

    A thought is what stands between `<think>` and `</think>`, and what comes before a `</think>`
    that nothing opened: then the chat template had opened it. Other marks that models have for it
    count where they begin the reply. A thought without an end is left as it is: the reply has no
    answer, and an empty text would be one, "the article does not say". What ends a turn, such as
    `<|im_end|>`, ends the reply.

    >>> final_text("<think>\nBob?\n</think>\n\nAnn. \nQuestion: Why?", ["\nQuestion:"])
    'Ann.'
    """
    said = _without_thoughts(raw)
    if ended := _TURN_END.search(said):
        said = said[: ended.start()]
    text = said.replace(_RESPONSE, "").strip()
    stops = [place for stop_string in stop if (place := text.find(stop_string)) >= 0]
    return text[: min(stops, default=len(text))].strip()


def is_silence(raw: str, stop: Sequence[str] = ()) -> bool:
    r"""Return whether an output has no text once thoughts are cut, not even a stop string.

    That is an answer, "the article does not say", only of a model that chose to stop: one that was
    stopped, by a limit or a filter, has not answered. One that writes a stop string has chosen to.

    >>> is_silence("<think>Hm.</think>\n"), is_silence("\nQ: Why?", ["Q:"]), is_silence("Ann")
    (True, False, False)
    """
    return not final_text(raw, stop) and not any(text in raw for text in stop)


def is_unfinished(prediction: Prediction, output_limit: int | None, stop: Sequence[str]) -> bool:
    """Return whether the limit of its tokens ended a prediction.

    Its own `finish` goes first. Without it, one is unfinished that has as many tokens as the limit
    and none of the stop texts; of a summary of summaries that cannot be told, since its tokens are
    those of all of them.
    """
    if prediction.finish is not None:
        return prediction.finish.lower() in _LIMITS
    if output_limit is None or prediction.steps:
        return False
    reached = (prediction.output_tokens or 0) >= output_limit
    return reached and not any(text in prediction.raw for text in stop)


def _without_thoughts(raw: str) -> str:
    if _FINAL_CHANNEL in raw:
        return raw.rpartition(_FINAL_CHANNEL)[2]
    if bare := _BARE_CHANNELS.match(raw):
        return raw[bare.end() :]
    beginning = raw.lstrip()[:20].lower()
    for mark, end in _OTHER_THOUGHTS.items():
        if beginning.startswith(mark) and (match := re.search(re.escape(end), raw, re.IGNORECASE)):
            return raw[match.end() :]
    pieces: list[str] = []
    rest = raw
    opening, closing = _THINK
    before, closed, after = raw.partition(closing)
    if closed and opening not in before:
        rest = after
    while True:
        before, opened, after = rest.partition(opening)
        _, closed, remainder = after.partition(closing)
        if not opened or not closed:
            return "".join([*pieces, rest])
        pieces.append(before)
        rest = remainder
