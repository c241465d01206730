"""Entailment models: whether a sentence follows from a passage, or contradicts it."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from harness.errors import ModelError
from harness.models.judges.claim_judge import ClaimJudge
from harness.models.judges.labels import CONTRADICTION, ENTAILMENT, label_names, label_number
from harness.models.judges.opinion import Opinion
from harness.models.judges.pair_reader import Pair, PairForm, Probabilities
from harness.models.judges.passages import Granularity
from harness.records import Task


class Nli(ClaimJudge):
    """A classifier of sentence pairs with entailment among its labels.

    Of each claim the best passage counts: the greatest probability of entailment over the article,
    and the greatest of contradiction, as in SummaC-ZS (Laban et al., "SummaC: Re-Visiting NLI-based
    Models for Inconsistency Detection in Summarization", 2022). Passages are the article's
    sentences, or as many sentences as fit, "chunk".
    """

    passages: Granularity = "sentence"
    """What the claim is held against: each "sentence" of the article, or each "chunk", as many
    sentences as fit beside it."""
    entailment: str | None = None
    """The label that means entailment, where its name does not say so."""
    contradiction: str | None = None
    """The label that means contradiction, where its name does not say so."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the identity of its checkpoint and options."""
        return {
            **super().identity(task),
            "kind": "nli",
            "granularity": self.passages,
            "entailment": self.entailment,
            "contradiction": self.contradiction,
        }

    def _form(self) -> PairForm:
        return PairForm(self.passages)

    @cached_property
    def _labels(self) -> tuple[int, int | None]:
        """The numbers of entailment and of contradiction, which a model of two labels lacks."""
        names, label = label_names(self._config), self.weights.label
        entails = label_number(names, ENTAILMENT, self.entailment, "entailment", label)
        if len(names) == 2 and self.contradiction is None:
            return entails, None
        contradicts = label_number(names, CONTRADICTION, self.contradiction, "contradiction", label)
        if contradicts == entails:
            raise ModelError(f"{label}: one label cannot mean entailment and contradiction")
        return entails, contradicts

    def _opinion(self, pairs: Sequence[Pair], probabilities: Sequence[Probabilities]) -> Opinion:
        entails, contradicts = self._labels
        entailment = [float(own[entails]) for own in probabilities]
        best = entailment.index(max(entailment))
        numbers = {"entailment": entailment[best]}
        if contradicts is not None:
            numbers["contradiction"] = max(float(own[contradicts]) for own in probabilities)
        return Opinion(numbers, (pairs[best].start, pairs[best].end))
