"""The measures of one judge: pure functions over the opinions that are stored."""

from collections.abc import Mapping

from harness.errors import DataError
from harness.judging.judgment import Judgment
from harness.judging.opinions.claims import Claim, claims
from harness.judging.opinions.kinds import JUDGED_KINDS
from harness.metrics.declaration import Declaration
from harness.models.judges.chat.rubric import ASPECTS
from harness.models.judges.opinion import Opinion
from harness.models.pinned import pinned_judge
from harness.run.keys import PredictionKeys

IMPLEMENTATION = "harness-opinions-1"


class OpinionMeasures:
    """The measures of a summary by what a judge said of it, each named `JUDGE.MEASURE`.

    A judge is asked about a text and its article, and sees neither who wrote the text nor what
    people wrote. A text without a word is not judged: silence makes no mistakes, and must not gain
    by it. A text of which a judgment failed, or is not there, has no number.
    """

    def __init__(
        self,
        judge: str,
        kind: str,
        identity: Mapping[str, object],
        judgments: Mapping[str, Judgment] | None = None,
    ) -> None:
        """Take the judge's name, kind and identity, and what it said, by key."""
        self.judge = judge
        self._kind, self._identity = kind, identity
        self._judgments = judgments or {}
        self._keys = PredictionKeys(identity)
        prompts = identity.get("prompts")
        self._aspects = [
            aspect for aspect in ASPECTS if isinstance(prompts, Mapping) and aspect in prompts
        ]
        self._measures = {
            name: measure
            for name, measure in JUDGED_KINDS[kind].measures.items()
            if measure.aspect is None or measure.aspect in self._aspects
        }

    def with_judgments(self, judgments: Mapping[str, Judgment]) -> "OpinionMeasures":
        """Return the same measures over these judgments, by their keys."""
        return OpinionMeasures(self.judge, self._kind, self._identity, judgments)

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each measure, with all that can change the judge's opinions."""
        judge = f"{pinned_judge(self._identity)}|{IMPLEMENTATION}"
        return {
            self._name(name): f"{self._name(name)}|{measure.rule}|{judge}"
            for name, measure in self._measures.items()
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each measure says of itself."""
        return {self._name(name): self._measures[name].declaration for name in self._measures}

    @property
    def asked_of_some(self) -> frozenset[str]:
        """All: of references that are made worse each is judged in one way."""
        return frozenset(self.declarations)

    def against_article(
        self, text: str, article: str, *, controls: bool = True
    ) -> dict[str, float]:
        """Return each measure of a summary that there is; see the class for what is left out."""
        del controls  # nothing here compares it with other texts
        opinions = {claim.name: self.opinion(claim) for claim in self.asked(text, article)}
        scores: dict[str, float] = {}
        for name, measure in self._measures.items():
            needed = [
                opinion
                for claim, opinion in opinions.items()
                if measure.aspect is None or claim == measure.aspect
            ]
            said = [opinion for opinion in needed if opinion is not None]
            if said and len(said) == len(needed):
                value = measure.value(text, said)
                if value is not None:
                    scores[self._name(name)] = value
        return scores

    def opinion(self, claim: Claim) -> Opinion | None:
        """Return what the judge said of a claim; `None` where it failed, or was not asked.

        So too for a text that is no opinion any more, because somebody has changed it.
        """
        judgment = self.judgment(claim)
        if judgment is None or judgment.error is not None:
            return None
        try:
            return Opinion.read(judgment.answer)
        except DataError:
            return None

    def asked(self, text: str, article: str) -> list[Claim]:
        """Return what the judge is asked about a text."""
        return claims(text, article, JUDGED_KINDS[self._kind].parting, self._aspects)

    def judgment(self, claim: Claim) -> Judgment | None:
        """Return what was said of a claim; `None` if nobody was asked."""
        return self._judgments.get(self._keys.key(claim.query))

    def _name(self, measure: str) -> str:
        return f"{self.judge}.{measure}"
