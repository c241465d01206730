"""A row's numbers as the official SQuAD scripts print them."""

from array import array

from harness.metrics import Metrics
from harness.metrics.answers.no_answer import best_thresholds, squad_1_1_totals, squad_2_0_splits
from harness.metrics.answers.squad import Version
from harness.records import ScoredPrediction


class SquadTotals:
    """What the script of a version prints, from one prediction after the other.

    Failed ones are left out. By 2.0, if every prediction comes with a probability of no answer,
    there are `best_exact`, `best_f1` and their thresholds, found as the script finds them if it is
    given `raw`, what the model would answer if it had to: so a threshold may also lie above the
    one by which the model itself keeps silent. Where probabilities are equal, the order of their
    file decides, as in the script. Missing predictions score 0 and need none.
    """

    def __init__(self, rules: Version, family: Metrics) -> None:
        self._rules = rules
        self._family = family
        self._exact, self._f1 = array("d"), array("d")
        self._answerable, self._forced_nonempty = bytearray(), bytearray()
        self._forced_exact, self._forced_f1 = array("d"), array("d")
        self._missing = 0
        self._places, self._file_places = array("q"), array("q")  # of what has a probability
        self._probabilities = array("d")

    def add(self, scored: ScoredPrediction) -> None:
        """Take a prediction of an answer."""
        if not scored.scores:
            return
        prediction, place = scored.prediction, len(self._exact)
        self._missing += prediction.missing
        self._exact.append(scored.scores["exact_match"])
        self._f1.append(scored.scores["f1"])
        self._answerable.append(bool(scored.example.references))
        forced_answer, scores = prediction.text, scored.scores
        if prediction.no_answer_probability is not None and self._rules != "1.1":
            file_place = prediction.probability_place
            self._places.append(place)
            self._file_places.append(place if file_place is None else file_place)
            self._probabilities.append(prediction.no_answer_probability)
            if not forced_answer and prediction.raw.strip():
                forced_answer = prediction.raw.strip()
                scores = self._family.score(forced_answer, scored.example.references)
        self._forced_exact.append(scores["exact_match"])
        self._forced_f1.append(scores["f1"])
        self._forced_nonempty.append(bool(forced_answer))

    def numbers(self) -> dict[str, float] | None:
        """Return the numbers by the script's names, in percent; `None` if there is nothing."""
        if not self._exact:
            return None
        if self._rules == "1.1":
            return squad_1_1_totals(self._exact, self._f1)
        numbers = squad_2_0_splits(self._exact, self._f1, self._answerable)
        count = len(self._places)
        if count and count + self._missing == len(self._exact):
            in_order = sorted(range(count), key=self._file_places.__getitem__)
            numbers |= best_thresholds(
                self._forced_exact,
                self._forced_f1,
                self._answerable,
                self._forced_nonempty,
                {self._places[i]: self._probabilities[i] for i in in_order},
            )
        return numbers
