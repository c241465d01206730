"""The metrics of answers: SQuAD's, and beside them those that keep numbers."""

from collections.abc import Mapping, Sequence

from harness.metrics.answers.normalization import Normalization
from harness.metrics.answers.number import NumberMatch
from harness.metrics.answers.squad import Squad, Version
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration


class Answer:
    """SQuAD's exact match and F1 by the rules of a version, and beside both those of numbers."""

    def __init__(
        self,
        squad: Version = "2.0",
        language: str | None = None,
        normalization: Normalization | None = None,
    ) -> None:
        self._squad = Squad(squad, language, normalization)
        self._families = (self._squad, NumberMatch(language))

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {
            name: signature
            for family in self._families
            for name, signature in family.signatures.items()
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each metric says of itself."""
        return {
            name: declaration
            for family in self._families
            for name, declaration in family.declarations.items()
        }

    @property
    def blind_spot(self) -> BlindSpot | None:
        """That of SQuAD's F1."""
        return self._squad.blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return the four scores; raise MetricError as `Squad` does."""
        return {
            name: value
            for family in self._families
            for name, value in family.score(prediction, references).items()
        }
