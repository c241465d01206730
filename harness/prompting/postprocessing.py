"""What a model said, from all that it wrote: thoughts and what follows a stop string are cut."""

from collections.abc import Sequence

THOUGHT = ("<think>", "</think>")


def said(raw: str, stop: Sequence[str] = ()) -> str:
    r"""Return a raw output without its thoughts, up to the first stop string, stripped.

    A thought is what stands between `<think>` and `</think>`, and what comes before a `</think>`
    that nothing opened: then the chat template had opened it. A thought without an end is left as
    it is: the reply has no answer, and an empty text would be one, "the article does not say".

    >>> said("<think>\nBob?\n</think>\n\nAnn. \nQuestion: Why?", ["\nQuestion:"])
    'Ann.'
    """
    text = _without_thoughts(raw).strip()
    ends = [place for mark in stop if (place := text.find(mark)) >= 0]
    return text[: min(ends, default=len(text))].strip()


def _without_thoughts(raw: str) -> str:
    kept: list[str] = []
    rest = raw
    opening, closing = THOUGHT
    before, closed, after = raw.partition(closing)
    if closed and opening not in before:
        rest = after
    while True:
        before, opened, after = rest.partition(opening)
        _, closed, following = after.partition(closing)
        if not opened or not closed:
            return "".join([*kept, rest])
        kept.append(before)
        rest = following
