"""Exact match and F1 over words, as the official SQuAD scripts define them.

Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (2016) and
"Know What You Don't Know: Unanswerable Questions for SQuAD" (2018); the official
evaluate-v1.1.py and evaluate-v2.0.py. F1 is over multisets of words. What the scripts compute
over all questions stands in `harness.metrics.answers.no_answer`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from harness.errors import MetricError
from harness.metrics.answers.normalization import (
    Normalization,
    Normalized,
    normalize_squad,
    rule_of,
)
from harness.metrics.blind_spot import UNSPACED, BlindSpot
from harness.metrics.declaration import SHARE, Declaration
from harness.metrics.languages import language_code

Version = Literal["2.0", "1.1"]

# Up to so many tokens it is faster to look through them again than to count each.
_FEW = 64

DECLARATIONS = {"exact_match": Declaration(never_above="f1"), "f1": SHARE}


def exact_match(prediction: str, answer: str) -> float:
    """Return 1.0 if the two texts normalize to the same, else 0.0."""
    return float(normalize_squad(prediction) == normalize_squad(answer))


def f1(prediction: str, answer: str) -> float:
    """Return the harmonic mean of word precision and recall, over multisets.

    Where either text has no words left, it is 1.0 if neither has, else 0.0.

    >>> round(f1("paris paris paris paris paris", "paris"), 2)
    0.33
    """
    return token_f1(normalize_squad(prediction).split(), normalize_squad(answer).split())


def token_f1(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """Return F1 over two multisets of tokens; 1.0 if both are empty, 0.0 if one is."""
    return best_token_f1(predicted, [expected])


def best_token_f1(predicted: Sequence[str], answers: Sequence[Sequence[str]]) -> float:
    """Return the best `token_f1` over one answer or more."""
    best = 0.0
    for expected in answers:
        if not predicted or not expected:
            best = max(best, float(not predicted and not expected))
        elif shared := shared_tokens(predicted, expected):
            precision, recall = shared / len(predicted), shared / len(expected)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def shared_tokens(predicted: Sequence[str], expected: Sequence[str]) -> int:
    """Return how many tokens two texts share, over multisets.

    >>> shared_tokens(["paris", "or", "paris"], ["paris", "france", "paris", "paris"])
    2
    """
    if len(predicted) > _FEW:
        return sum((Counter(predicted) & Counter(expected)).values())
    there = [token for token in expected if token in predicted]
    if len(there) < 2:
        return len(there)
    return sum(min(predicted.count(token), there.count(token)) for token in set(there))


class Squad:
    """Exact match and F1, each the best over the acceptable answers.

    Texts are normalized by SQuAD's rule, or that of their `language`, or the one that is named: see
    `harness.metrics.answers.normalization`.

    Version 2.0: an unanswerable question has no answers; the empty prediction scores 1, any other
    0. An answer that normalizes to nothing is passed over. Version 1.1 knows no unanswerable
    questions, keeps every answer, and its F1 is 0 where no word is shared, so that two texts that
    normalize to nothing match exactly and have F1 0.
    """

    def __init__(
        self,
        version: Version = "2.0",
        language: str | None = None,
        normalization: Normalization | None = None,
    ) -> None:
        self._version = version
        code = None if language is None else language_code(language)
        self._rule = rule_of(normalization, None if code == "en" and not normalization else code)
        counts = "characters" if self._rule.by_character else "multiset"
        options = f"normalize:{self._rule.name}|answers:best|unanswerable:squad-{version}|harness-1"
        self._signatures = {
            "exact_match": f"exact_match|{options}",
            "f1": f"f1|counts:{counts}|{options}",
        }
        sees_all = self._rule.by_character or self._rule.name.startswith(("unicode", "mlqa-zh"))
        self._blind_spot = None if sees_all else replace(UNSPACED, refuses=normalization is None)

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return self._signatures

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Both are shares; exact match is on no example above F1."""
        return DECLARATIONS

    @property
    def blind_spot(self) -> BlindSpot | None:
        """Scripts without spaces, of F1 alone; a rule that is named is not refused for them."""
        return self._blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return both scores of a prediction.

        Raises MetricError for a question without answers in version 1.1.
        """
        read = self._rule.read
        return self.compare(read(prediction), [read(answer) for answer in references])

    def compare(self, predicted: Normalized, answers: Sequence[Normalized]) -> dict[str, float]:
        """Return what `score` does, of texts that its rule has normalized."""
        if self._version == "2.0":
            answers = [answer for answer in answers if answer.text] or [Normalized("", ())]
        elif not answers:
            raise MetricError(
                "a question without answers, which SQuAD 1.1 does not know; score it as 2.0"
            )
        best = best_token_f1(predicted.tokens, [answer.tokens for answer in answers])
        return {
            "exact_match": float(any(predicted.text == answer.text for answer in answers)),
            "f1": 0.0 if self._version == "1.1" and not predicted.tokens else best,
        }
