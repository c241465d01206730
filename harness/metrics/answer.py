"""The metrics of answers: SQuAD's, those that a sentence does not lower, and those of numbers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from harness.metrics.answers.contains import Contains
from harness.metrics.answers.normalization import Normalization
from harness.metrics.answers.number import NumberMatch
from harness.metrics.answers.squad import Squad, Version
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration
from harness.metrics.length import DECLARATION, SIGNATURE, WORDS
from harness.text import word_count

# Texts that are kept as they were read: one golden answer is held against many systems' replies,
# which are much the same.
_KEPT_TEXTS = 1024


class Answer:
    """SQuAD's exact match and F1 by the rules of a version, and what stands beside them.

    `contains` and `token_recall` do not fall with what a reply says more, so `words`, its length,
    stands with them. `number_exact_match` and `number_f1` keep numbers as they are.
    """

    def __init__(
        self,
        squad: Version = "2.0",
        language: str | None = None,
        normalization: Normalization | None = None,
    ) -> None:
        self._squad = Squad(squad, language, normalization)
        self._contains = Contains(language, normalization)
        # By the rule of F1, and the tokens of the number metrics.
        self._read = lru_cache(_KEPT_TEXTS)(self._contains.read)
        self._numbers = NumberMatch(language)

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {
            **self._squad.signatures,
            **self._contains.signatures,
            WORDS: SIGNATURE,
            **self._numbers.signatures,
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each metric says of itself."""
        return {
            **self._squad.declarations,
            **self._contains.declarations,
            WORDS: DECLARATION,
            **self._numbers.declarations,
        }

    @property
    def blind_spot(self) -> BlindSpot | None:
        """That of SQuAD's F1."""
        return self._squad.blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return all scores, each text read once for all; raise MetricError as `Squad` does."""
        predicted, answers = self._read(prediction), [self._read(answer) for answer in references]
        return {
            **self._squad.compare(predicted.normal, [answer.normal for answer in answers]),
            **self._contains.compare(predicted, answers),
            WORDS: word_count(prediction),
            **self._numbers.compare(predicted.numbers, [answer.numbers for answer in answers]),
        }
