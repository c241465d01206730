"""All that a row is made of, gathered in one pass over its predictions."""

from collections.abc import Callable, Iterable, Mapping

from harness.files import canonical_json
from harness.leaderboard.numbers import Counts, Number
from harness.leaderboard.rows.squad_totals import SquadTotals
from harness.metrics import Metrics
from harness.metrics.answers.squad import Version
from harness.metrics.blind_spot import LetterTally
from harness.metrics.length import WORDS
from harness.records import Prediction, ScoredPrediction, Task
from harness.stats.exact_sum import ExactSum


class RowAggregate:
    """Counts, costs and sums of scores of a row's predictions; nothing of a prediction stays."""

    def __init__(
        self,
        task: Task,
        scored: Iterable[ScoredPrediction],
        family: Metrics,
        rules: Version = "2.0",
        is_unfinished: Callable[[Prediction], bool] | None = None,
    ) -> None:
        """Go through the predictions; `rules` is the version of SQuAD's that scored answers."""
        self._family = family
        self._sums = {name: ExactSum() for name in family.signatures}
        self._partial = partial_metrics(family)
        self._letters = LetterTally(family.blind_spot)
        self._seconds = ExactSum()
        self._costs = ExactSum()
        self._served_by: set[str] = set()
        self._environments: dict[str, Mapping[str, object]] = {}
        squad_totals = SquadTotals(rules, family) if task == "answer" else None
        self._ok = self._unfinished = self._cached = self._expected = 0
        self._made = 0  # predictions that did not fail: several of an example with repeats
        self._missing = self._empty = 0
        self.truncated = 0
        self.tokens = 0
        self.guessed: int | None = None
        self.right_guesses: int | None = None
        self.batch: int | None = None
        self.peak_memory = 0
        last_environment: Mapping[str, object] | None = None
        for scored_prediction in scored:
            prediction = scored_prediction.prediction
            ok = prediction.error is None and not prediction.missing
            self._expected += 1
            self._ok += ok
            self._missing += prediction.missing
            self.truncated += ok and prediction.truncated
            self._unfinished += ok and is_unfinished is not None and is_unfinished(prediction)
            parts = scored_prediction.parts
            self._cached += all(part.cached for part in parts)
            for part in parts:
                self._add_costs(part.prediction)
                if part.environment and part.environment is not last_environment:
                    last_environment = part.environment
                    self._environments[canonical_json(last_environment)] = last_environment
            if scored_prediction.scores:
                self._letters.add([*scored_prediction.texts, *scored_prediction.example.references])
                if task == "summarize":  # an answer without a word says that there is none
                    self._empty += ok and scored_prediction.scores.get(WORDS) == 0
                for name, total in self._sums.items():
                    if name in scored_prediction.scores or name not in self._partial:
                        total.add(scored_prediction.scores[name])
            if squad_totals:
                squad_totals.add(scored_prediction)
        self.squad = squad_totals.numbers() if squad_totals else None

    def _add_costs(self, prediction: Prediction) -> None:
        """Take what one prediction cost: of an example that was asked several times, each."""
        ok = prediction.error is None
        self._made += ok
        self._seconds.add(prediction.seconds)
        if prediction.batch is not None:
            self.batch = max(self.batch or 0, prediction.batch)
        if ok and prediction.cost is not None:
            self._costs.add(prediction.cost)
        if prediction.served_by:
            self._served_by.add(prediction.served_by)
        self.tokens += prediction.output_tokens or 0
        if prediction.guessed_tokens is not None:
            self.guessed = (self.guessed or 0) + prediction.guessed_tokens
            self.right_guesses = (self.right_guesses or 0) + (prediction.right_guesses or 0)
        self.peak_memory = max(self.peak_memory, prediction.peak_memory)

    @property
    def seconds(self) -> float:
        """The time that the predictions took."""
        return self._seconds.total

    @property
    def cost(self) -> float | None:
        """What the predictions cost; `None` unless each that did not fail has its cost."""
        return self._costs.total if self._costs.count == self._made > 0 else None

    @property
    def served_by(self) -> list[str]:
        """The names of the models that answered, where servers gave them."""
        return sorted(self._served_by)

    @property
    def environments(self) -> list[dict[str, object]]:
        """Where the predictions were made, in one order."""
        return [dict(self._environments[text]) for text in sorted(self._environments)]

    def counts(self) -> Counts:
        """Return what became of the examples."""
        return Counts(
            expected=self._expected,
            ok=self._ok,
            error=self._expected - self._ok - self._missing,
            truncated=self.truncated,
            unfinished=self._unfinished,
            empty=self._empty,
            cached=self._cached,
            missing=self._missing,
        )

    def metric_numbers(self) -> dict[str, Number]:
        """Return each metric's mean."""
        spot = self._family.blind_spot
        return {
            name: Number(
                mean=self._sums[name].mean,
                n=self._sums[name].count,
                signature=signature,
                unseen=self._letters.share if spot and name.startswith(spot.about) else None,
            )
            for name, signature in self._family.signatures.items()
        }


def partial_metrics(family: Metrics) -> frozenset[str]:
    """Return the metrics of a family that some texts have no score by."""
    declarations = family.declarations
    return frozenset(name for name, declared in declarations.items() if declared.partial)
