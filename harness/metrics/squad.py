"""Exact match and F1 over words, as the official SQuAD scripts define them.

Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (2016) and
"Know What You Don't Know: Unanswerable Questions for SQuAD" (2018); the official
evaluate-v1.1.py and evaluate-v2.0.py. F1 is over multisets of words.
"""

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize(text: str) -> str:
    """Return `text` lower-cased, without ASCII punctuation and articles, spaces made single.

    >>> normalize("The  $550 billion.")
    '550 billion'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(prediction: str, answer: str) -> float:
    """Return 1.0 if the two texts normalize to the same, else 0.0."""
    return float(normalize(prediction) == normalize(answer))


def f1(prediction: str, answer: str) -> float:
    """Return the harmonic mean of word precision and recall, over multisets.

    Where either text has no words left, it is 1.0 if neither has, else 0.0.

    >>> round(f1("paris paris paris paris paris", "paris"), 2)
    0.33
    """
    predicted, expected = normalize(prediction).split(), normalize(answer).split()
    if not predicted or not expected:
        return float(predicted == expected)
    shared = sum((Counter(predicted) & Counter(expected)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(expected)
    return 2 * precision * recall / (precision + recall)


class Squad:
    """Exact match and F1, each the best over the acceptable answers.

    An unanswerable question has no answers: the empty prediction scores 1, any other 0. An
    answer that normalizes to nothing is passed over, as evaluate-v2.0.py does.
    """

    _OPTIONS = "normalize:squad|answers:best|unanswerable:squad-2.0|harness-1"

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {
            "exact_match": f"exact_match|{self._OPTIONS}",
            "f1": f"f1|counts:multiset|{self._OPTIONS}",
        }

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return both scores of a prediction."""
        answers = [answer for answer in references if normalize(answer)] or [""]
        return {
            "exact_match": max(exact_match(prediction, answer) for answer in answers),
            "f1": max(f1(prediction, answer) for answer in answers),
        }
