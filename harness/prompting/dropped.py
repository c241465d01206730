"""Whether a rendered prompt still says what it was made of, whatever became of the white space."""

import re
from collections.abc import Collection, Sequence

_WORD = re.compile(r"\w+")

# A character between two words may be written in as many, as JSON's `\ud83d\ude42` is.
_LONGEST_ESCAPE = 12


def first_dropped(said: str, rendered: str, control_tokens: Collection[str] = ()) -> str | None:
    r"""Return the rest of a text from its first word on that a rendered prompt lacks, or `None`.

    The prompt must have the words one after the other. What stands between them is free: a template
    may trim and join lines, and write characters in another way, as HTML and JSON do. It may also
    take control tokens out of the text.

    >>> first_dropped("It rained. \n Ann left.", "[user]It rained. Ann left.[assistant]")
    >>> first_dropped("It rained. Ann left.", "[user]It rained.[assistant]")
    'Ann left.'
    """
    # Each is made as many blanks, so that places in the text stay what they are.
    for token in sorted(control_tokens, key=len, reverse=True):
        said = said.replace(token, " " * len(token))
    words = list(_WORD.finditer(said))
    if not words:
        return None
    starts = re.finditer(f"(?={re.escape(words[0].group())})", rendered)
    held = max((_count_held(words, rendered, start.start()) for start in starts), default=0)
    return said[words[held].start() :] if held < len(words) else None


def _count_held(words: Sequence[re.Match[str]], rendered: str, start: int) -> int:
    """Return how many of the first words stand in a prompt one after the other, from a place on."""
    end = start + len(words[0].group())
    for index in range(1, len(words)):
        gap = words[index].start() - words[index - 1].end()
        furthest = end + (gap + 1) * _LONGEST_ESCAPE
        word = words[index].group()
        place = rendered.find(word, end, furthest + len(word))
        if place < 0:
            return index
        end = place + len(word)
    return len(words)
