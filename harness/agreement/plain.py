"""The plainest measures, to hold others against: shared words, and how many there are."""

import re
from collections import Counter
from collections.abc import Sequence

from harness.metrics.answers.squad import token_f1
from harness.text import words

# Runs of letters and digits; a Chinese character is a word.
_WORD = re.compile(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+")

SIGNATURE = "lower case|runs of letters and digits|harness-1"


def plain_words(text: str) -> list[str]:
    """Return runs of letters and digits in lower case, of Chinese each character.

    >>> plain_words("Sterling 's $2.6 (cnn)")
    ['sterling', 's', '2', '6', 'cnn']
    """
    return _WORD.findall(text.lower())


def word_f1(summary: str, references: Sequence[str]) -> float:
    """Return F1 over multisets of words, the mean over the references."""
    predicted = plain_words(summary)
    scores = [token_f1(predicted, plain_words(reference)) for reference in references]
    return sum(scores) / len(scores)


def source_precision(article: str, summary: str, _language: str | None = None) -> float:
    """Return the share of the summary's words that the article has; 0 for no words.

    Over multisets of the summary: a word of the article may be used as often as one likes.

    >>> source_precision("Ann met Bob.", "Ann met Eve")
    0.6666666666666666
    """
    counts = Counter(plain_words(summary))
    known = set(plain_words(article))
    total = sum(counts.values())
    return sum(n for word, n in counts.items() if word in known) / total if total else 0.0


def word_count(text: str) -> float:
    """Return how many words a text has, in scripts without spaces letters."""
    return float(len(words(text)))
