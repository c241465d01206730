"""Which words of a summary its best reference has too, and in how long a run.

Words are those of the run's ROUGE: by its tokenizer, language and stemmer. A word's length is that
of the longest run of words, up to 4, that contains it and stands somewhere in the reference. Unlike
ROUGE, a run that the reference has once may be marked twice.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from harness.metrics.languages import language_code
from harness.metrics.options import USUAL, MetricOptions
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.rouge.tokenization import Tokenizer, unicode_words
from harness.metrics.support.novelty import ngrams
from harness.text import LabelledSpan
from harness.text.characters import MARK, UNSPACED, shape_of

LONGEST = 4

# Where words stand, by the tokenizer. U+212A is a k and U+0130 an i in lower case, with which a
# word ends.
_WORD: Mapping[Tokenizer, re.Pattern[str]] = {
    "default": re.compile("[A-Za-z0-9\u212a]*\u0130|[A-Za-z0-9\u212a]+"),
    "unicode": re.compile(rf"{UNSPACED}{MARK}*|[^\W_]+"),
    "spaces": re.compile(r"\S+"),
}


class Word(NamedTuple):
    """A word's number, the same for words of one stem, and where it stands."""

    number: int
    start: int
    end: int


class WordReader:
    """Reads texts as ROUGE does with these options, and keeps places."""

    def __init__(self, options: MetricOptions = USUAL) -> None:
        self._language = language_code(options.language) if options.language else None
        self._vocabulary = Rouge(
            ["rouge1"],
            language=options.language,
            tokenizer=options.tokenizer,
            stemmer=options.stemmer,
        ).vocabulary
        self._numbers: dict[str, int | None] = {}  # of words as they stand in texts

    def words(self, text: str) -> list[Word]:
        """Return a text's words; numbers of one reader can be compared."""
        tokenizer = self._vocabulary.tokenizer
        words = []
        for match in _WORD[tokenizer].finditer(shape_of(text) if tokenizer == "unicode" else text):
            start, end = match.span()
            word = text[start:end]
            if word not in self._numbers:
                form = self._form(word)
                self._numbers[word] = self._vocabulary.number(form) if form else None
            number = self._numbers[word]
            if number is not None:
                words.append(Word(number, start, end))
        return words

    def _form(self, word: str) -> bytes:
        if self._vocabulary.tokenizer == "default":
            return word.replace("\u0130", "i").replace("\u212a", "k").lower().encode()
        if self._vocabulary.tokenizer == "unicode":
            word = " ".join(unicode_words(word, self._language))  # of ½ two
        return word.encode("utf-8", "surrogatepass")


def best_reference(summary: Sequence[Word], references: Sequence[Sequence[Word]]) -> int:
    """Return which reference has the highest F1 of single words, the first of equals."""
    summary_counts = Counter(word.number for word in summary)

    def f1(reference: Sequence[Word]) -> float:
        overlap = (summary_counts & Counter(word.number for word in reference)).total()
        size = len(summary) + len(reference)
        return 2 * overlap / size if size else 0.0

    if len(references) == 1:
        return 0
    return max(range(len(references)), key=lambda index: f1(references[index]))


def shared_ranges(summary: Sequence[Word], reference: Sequence[Word]) -> list[LabelledSpan]:
    """Return the summary's shared words as ranges `shared:1` to `shared:4`.

    Neighbours that stand side by side in the reference too are drawn together.
    """
    lengths = run_lengths([w.number for w in summary], [w.number for w in reference])
    reference_pairs = {(a.number, b.number) for a, b in pairwise(reference)}
    ranges: list[LabelledSpan] = []
    for i, (word, length) in enumerate(zip(summary, lengths, strict=True)):
        if not length:
            continue
        label = f"shared:{length}"
        joined = (
            i > 0
            and lengths[i - 1] == length > 1
            and (summary[i - 1].number, word.number) in reference_pairs
        )
        start = ranges.pop()[0] if joined else word.start
        ranges.append((start, word.end, label))
    return ranges


def run_lengths(summary: Sequence[int], reference: Sequence[int]) -> list[int]:
    """Return for each word the length of the longest shared run that it is in, at most 4.

    >>> run_lengths([1, 2, 3, 9, 2], [0, 1, 2, 3])
    [3, 3, 3, 0, 1]
    """
    longest = [0] * len(summary)
    for n in range(1, LONGEST + 1):
        reference_runs = set(ngrams(reference, n))
        shared = [i for i, run in enumerate(ngrams(summary, n)) if run in reference_runs]
        if not shared:  # and so no longer ones
            break
        for i in shared:
            longest[i : i + n] = [n] * n
    return longest
