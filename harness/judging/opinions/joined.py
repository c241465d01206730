"""Measures by several judges, side by side."""

from collections.abc import Mapping, Sequence

from harness.metrics.declaration import Declaration
from harness.metrics.summary import JudgedMeasures


class JoinedMeasures:
    """The measures of each judge, in their order; no two have one of the same name."""

    def __init__(self, judges: Sequence[JudgedMeasures]) -> None:
        """Take the judges' measures."""
        self._judges = judges

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each measure."""
        return {name: text for judge in self._judges for name, text in judge.signatures.items()}

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each measure says of itself."""
        return {
            name: declared
            for judge in self._judges
            for name, declared in judge.declarations.items()
        }

    @property
    def asked_of_some(self) -> frozenset[str]:
        """Those of any judge."""
        return frozenset[str]().union(*(judge.asked_of_some for judge in self._judges))

    def against_article(
        self, text: str, article: str, *, controls: bool = True
    ) -> dict[str, float]:
        """Return each measure of a summary that any judge has."""
        scores: dict[str, float] = {}
        for judge in self._judges:
            scores |= judge.against_article(text, article, controls=controls)
        return scores
