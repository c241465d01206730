"""Words, numbers, names and quotes in a text, and how much two texts share."""

import difflib
import re
from collections.abc import Iterable, Sequence

from harness.text import sentences, word_places, words
from harness.text.characters import fold

# Words that say nothing about what a sentence is about.
STOP_WORDS = frozenset(
    "a an the this that these those it its he his she her they their we our you your i me him them "
    "and or but so if in on at as by for from with to of into over up about after before during "
    "between is are was were be been being has have had do does did will would can could should "
    "may might must not no than then there here who whom whose what which when where why how many "
    "much long all both each other another such own same also".split()
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_QUOTE = re.compile(r"“([^”]+)”|\"([^\"]+)\"")
_NAME = re.compile(r"[^\W\d_][\w\u0300-\u036f’'.-]*")  # accents that stand apart, too


def content_words(text: str) -> set[str]:
    """Return the words of `text` that say what it is about, without a possessive ending.

    >>> sorted(content_words("What did Japan's leader sign?"))
    ['japan', 'leader', 'sign']
    """
    return {word.removesuffix("'s") for word in words(text)} - STOP_WORDS


def numbers(text: str) -> set[str]:
    """Return the numbers written in digits.

    >>> sorted(numbers("$5.5 billion in 2025, or 1,000 times 3."))
    ['1,000', '2025', '3', '5.5']
    """
    return set(_NUMBER.findall(text))


def quotes(text: str) -> list[str]:
    """Return what stands in double quotation marks, without a comma or stop at its end."""
    return [(a or b).strip().rstrip(",.") for a, b in _QUOTE.findall(text)]


def names(text: str) -> set[str]:
    """Return the capitalized words that do not begin a sentence, without a possessive ending."""
    capitalized = set()
    for sentence in sentences(text):
        tokens = _NAME.findall(sentence.text)
        capitalized |= {_without_possessive(token) for token in tokens[1:] if token[0].isupper()}
    return capitalized


def all_words(text: str) -> set[str]:
    """Return every word as `names` writes them."""
    return {_without_possessive(token) for token in _NAME.findall(text)}


def jaccard_similarity(first: Iterable[object], second: Iterable[object]) -> float:
    """Return the Jaccard similarity of two sets, 0 if both are empty."""
    a, b = set(first), set(second)
    return len(a & b) / len(a | b) if a | b else 0.0


def shingles(text: str, size: int) -> set[tuple[str, ...]]:
    """Return the runs of `size` words."""
    tokens = words(text)
    return {tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)}


def nearest_span(text: str, wanted: str) -> str:
    """Return the run of words in `text` that is most like `wanted`."""
    tokens = word_places(text)
    size = max(1, len(word_places(wanted)))
    spans = [
        text[tokens[i][0] : tokens[min(i + length, len(tokens)) - 1][1]]
        for length in (size, size + 1)
        for i in range(max(1, len(tokens) - length + 1))
    ]
    return _most_like(spans, wanted)


def nearest_sentence(text: str, wanted: str) -> str:
    """Return the sentence of `text` that is most like `wanted`."""
    return _most_like([sentence.text for sentence in sentences(text)], wanted)


def _most_like(candidates: Sequence[str], wanted: str) -> str:
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)

    def likeness(candidate: str) -> float:
        matcher.set_seq1(candidate)
        # The cheap bound first: most candidates are far off.
        return matcher.ratio() if matcher.quick_ratio() > 0.3 else 0.0

    return max(candidates, key=likeness, default="")


def _without_possessive(token: str) -> str:
    return fold(re.sub(r"[’']s?$|\.$", "", token))
