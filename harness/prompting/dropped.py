"""Whether a rendered prompt still says what it was made of, whatever became of the white space."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

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
    words = _words(said, control_tokens)
    held = max((count for count, _ in _places(words, rendered)), default=0)
    return said[words[held].start() :] if held < len(words) else None


def first_out_of_order(
    texts: Iterable[str], rendered: str, control_tokens: Collection[str] = ()
) -> str | None:
    """Return the first text that does not stand in a prompt behind those before it, or `None`.

    >>> first_out_of_order(["Who?", "Ann.", "Why?"], "[user]Who?[assistant]Ann.[user]Why?")
    >>> first_out_of_order(["Who?", "Ann.", "Why?"], "[user]Why?[assistant]Ann.[user]Who?")
    'Ann.'
    """
    end = 0
    for text in texts:
        words = _words(text, control_tokens)
        ends = (place for count, place in _places(words, rendered, end) if count == len(words))
        found = next(ends, None) if words else end
        if found is None:
            return text
        end = found
    return None


def _words(text: str, control_tokens: Collection[str]) -> list[re.Match[str]]:
    # Each is made as many blanks, so that places in the text stay what they are.
    for token in sorted(control_tokens, key=len, reverse=True):
        text = text.replace(token, " " * len(token))
    return list(_WORD.finditer(text))


def _places(
    words: Sequence[re.Match[str]], rendered: str, start: int = 0
) -> Iterator[tuple[int, int]]:
    """Yield how many of the words stand in a prompt, and up to where, from each place on."""
    if words:
        first = re.compile(f"(?={re.escape(words[0].group())})")
        for match in first.finditer(rendered, start):
            yield _count_held(words, rendered, match.start())


def _count_held(words: Sequence[re.Match[str]], rendered: str, start: int) -> tuple[int, int]:
    """Return how many of the first words stand one after the other from a place on, and the end."""
    end = start + len(words[0].group())
    for index in range(1, len(words)):
        gap = words[index].start() - words[index - 1].end()
        furthest = end + (gap + 1) * _LONGEST_ESCAPE
        word = words[index].group()
        place = rendered.find(word, end, furthest + len(word))
        if place < 0:
            return index, end
        end = place + len(word)
    return len(words), end
