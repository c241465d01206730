"""A row's numbers as the official SQuAD scripts print them."""

from array import array

from harness.metrics.no_answer import best_thresholds, splits, totals
from harness.metrics.squad import Squad, Version
from harness.records import Scored


class Official:
    """What the script of a version prints, from one prediction after the other.

    Failed ones are left out. By 2.0, if every prediction comes with a probability of no answer,
    there are `best_exact`, `best_f1` and their thresholds, found as the script finds them if it is
    given `raw`, what the model would answer if it had to: so a threshold may also lie above the
    one by which the model itself keeps silent.
    """

    def __init__(self, rules: Version = "2.0") -> None:
        self._rules = rules
        self._squad = Squad(rules)
        self._exact, self._f1 = array("d"), array("d")
        self._answerable, self._would_say = bytearray(), bytearray()
        self._would_exact, self._would_f1 = array("d"), array("d")
        self._chances = array("d")

    def add(self, one: Scored) -> None:
        """Take a prediction of an answer."""
        if not one.scores:
            return
        made = one.prediction
        self._exact.append(one.scores["exact_match"])
        self._f1.append(one.scores["f1"])
        self._answerable.append(bool(one.example.references))
        if made.no_answer_probability is None or self._rules == "1.1":
            return
        would, scores = made.text, one.scores
        if not would and made.raw.strip():
            would = made.raw.strip()
            scores = self._squad.score(would, one.example.references)
        self._would_exact.append(scores["exact_match"])
        self._would_f1.append(scores["f1"])
        self._would_say.append(bool(would))
        self._chances.append(made.no_answer_probability)

    def numbers(self) -> dict[str, float] | None:
        """Return the numbers by the script's names, in percent; `None` if there is nothing."""
        if not self._exact:
            return None
        if self._rules == "1.1":
            return totals(self._exact, self._f1)
        found = splits(self._exact, self._f1, self._answerable)
        if len(self._chances) == len(self._exact):
            chances = dict(enumerate(self._chances))
            said = self._would_say
            found |= best_thresholds(
                self._would_exact, self._would_f1, self._answerable, said, chances
            )
        return found
