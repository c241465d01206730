"""What a model said, from all that it wrote: thoughts and what follows a stop string are cut."""

from collections.abc import Sequence

from harness.records import Prediction

THOUGHT_TAGS = ("<think>", "</think>")

# What ended by its limit, as servers say it: OpenAI's API, and those that pass another's word on.
_LIMITS = ("length", "max_tokens")

CUT_TO_NOTHING = (
    "ModelError: the reply ended by the limit of its tokens before it had any text; raise the "
    "prompt's max_new_tokens"
)


def final_text(raw: str, stop: Sequence[str] = ()) -> str:
    r"""Return a raw output without its thoughts, up to the first stop string, stripped.

    A thought is what stands between `<think>` and `</think>`, and what comes before a `</think>`
    that nothing opened: then the chat template had opened it. A thought without an end is left as
    it is: the reply has no answer, and an empty text would be one, "the article does not say".

    >>> final_text("<think>\nBob?\n</think>\n\nAnn. \nQuestion: Why?", ["\nQuestion:"])
    'Ann.'
    """
    text = _without_thoughts(raw).strip()
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
    pieces: list[str] = []
    rest = raw
    opening, closing = THOUGHT_TAGS
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
