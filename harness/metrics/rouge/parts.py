"""ROUGE with its precision and recall beside F1."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration
from harness.metrics.rouge.rouge import Rouge

# Precision alone pays for short texts, recall alone for long ones: neither ranks.
PARTS = ("precision", "recall")
_PART = Declaration(role="shown")


def part_signatures(signatures: Mapping[str, str]) -> dict[str, str]:
    """Return the signatures of ROUGE's parts: of each type's F1, by the names of its parts.

    >>> part_signatures({"rouge1": "rouge1|f1|stemmer:porter"})["rouge1_recall"]
    'rouge1_recall|recall|stemmer:porter'
    """
    return {
        f"{name}_{part}": signature.replace(f"{name}|f1|", f"{name}_{part}|{part}|", 1)
        for name, signature in signatures.items()
        for part in PARTS
    }


class RougeWithParts:
    """ROUGE's F1, and `rouge1_precision`, `rouge1_recall` and so on of each of its types.

    Of several references precision and recall are those of the one that counts for F1.
    """

    def __init__(self, rouge: Rouge) -> None:
        self._rouge = rouge

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {**self._rouge.signatures, **part_signatures(self._rouge.signatures)}

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """All are shares; the parts are only shown."""
        return {
            **self._rouge.declarations,
            **dict.fromkeys(part_signatures(self._rouge.signatures), _PART),
        }

    @property
    def blind_spot(self) -> BlindSpot | None:
        """That of ROUGE."""
        return self._rouge.blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return all scores of a prediction; raise MetricError as `Rouge.score` does."""
        return next(self.score_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, one after the other, as `Rouge.score_many` does."""
        for scores in self._rouge.precision_recall_f1_many(predictions, references):
            parts = {
                f"{name}_{part}": getattr(triple, part)
                for name, triple in scores.items()
                for part in PARTS
            }
            yield {name: triple.f1 for name, triple in scores.items()} | parts
