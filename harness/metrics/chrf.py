"""chrF and chrF++: overlap of character n-grams, computed by the package sacrebleu.

Popović, "chrF: character n-gram F-score for automatic MT evaluation" (2015) and "chrF++: words
helping character n-grams" (2017): F2, in which recall weighs more, of character 1- to 6-grams
without spaces; chrF++ has words and word pairs beside them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.errors import MetricError
from harness.metrics.declaration import SHARE, Declaration
from harness.metrics.references import ReferenceRule, rule_of_references, scored_items
from harness.requirements import import_failed

if TYPE_CHECKING:
    from sacrebleu.metrics import CHRF

    from harness.metrics.blind_spot import BlindSpot

# Each metric's longest word n-gram; sacrebleu's own options are left as they are.
WORD_ORDERS = {"chrf": 0, "chrf_plus_plus": 2}


class Chrf:
    """chrF and chrF++ of a prediction against one reference or several, from 0 to 1.

    sacrebleu's sentence scores, divided by 100. `references`: "best" takes the best for each
    metric, as sacrebleu does; "mean" the mean over the references; "jackknife" the mean over the
    references of the best of the others.

    Raises MetricError where sacrebleu is not installed.
    """

    def __init__(self, *, references: ReferenceRule = "best") -> None:
        try:
            from sacrebleu.metrics import CHRF
        except ImportError:
            raise MetricError(import_failed("chrF", "sacrebleu")) from None
        self._aggregate = rule_of_references(references)
        self._scorers = {name: CHRF(word_order=order) for name, order in WORD_ORDERS.items()}
        self._signatures = {
            name: f"{name}|references:{references}|{_signature(scorer)}"
            for name, scorer in self._scorers.items()
        }

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric, with sacrebleu's own and its version."""
        return self._signatures

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Both are shares."""
        return dict.fromkeys(self._scorers, SHARE)

    @property
    def blind_spot(self) -> "BlindSpot | None":
        """None: characters of every script count."""
        return None

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return both scores of a prediction; raise MetricError if there is no reference."""
        return next(self.score_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, for one prediction after the other.

        Raises MetricError as `score` does, and where one stream ends before the other.
        """
        for prediction, accepted in scored_items(predictions, references):
            yield {
                name: self._aggregate(
                    [scorer.sentence_score(prediction, [text]).score / 100 for text in accepted]
                )
                for name, scorer in self._scorers.items()
            }


def _signature(scorer: "CHRF") -> str:
    """Return sacrebleu's own signature, but for the number of references: each example has its own.

    sacrebleu tells it only after a first score.
    """
    scorer.sentence_score("a", ["a"])
    parts = scorer.get_signature().format().split("|")
    return "|".join([*(part for part in parts if not part.startswith("nrefs:")), "sacrebleu"])
