"""What the leaderboard says of a judge: who it is, what it took, and what it can do."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from harness.judging.inquiry import Inquiry
from harness.judging.judge import Judged, means_on
from harness.judging.pairs.pairing import most_pairs
from harness.leaderboard.judges.preferences_line import PreferencesLine
from harness.leaderboard.numbers import Count, LengthLine, Part
from harness.models.roster.families import kin_cautions
from harness.models.roster.roster import Entry
from harness.records import Scope


class OnText(Part):
    """What a reader answers of the golden questions of all articles (or events) from one text."""

    coverage: float | None = None
    """The mean F1 over the questions that the article answers; null where none was judged."""
    made_up: float | None = None
    """The share of the others that it answers; null likewise."""


class ReaderFacts(Part):
    """What is known of a reader, whatever it was asked."""

    name: str
    """Its name in the roster."""
    kind: str
    """The kind of model."""
    identity: dict[str, object]
    """All that can change its answers: part of every judgment's key."""

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return what is known of an entry."""
        return cls(name=entry.name, kind=entry.kind, identity=dict(entry.model.identity("answer")))


class JudgeFacts(ReaderFacts):
    """What is known of a judge that is no reader, whatever it was asked."""

    cautions: list[str]
    """What to beware of, in words."""
    most_pairs: Count | None = None
    """The most pairs of summaries that it is to be asked about; null for all."""

    @classmethod
    def of_judge(cls, entry: Entry, models: Sequence[Entry]) -> Self:
        """Return what is known of an entry that judges the texts of models."""
        return cls(
            **dict(ReaderFacts.of(entry)),
            cautions=kin_cautions(entry, models),
            most_pairs=most_pairs(entry),
        )


class JudgeLine(Part):
    """A model that was asked about summaries. It never saw who wrote them."""

    name: str
    """Its name in the roster."""
    role: Literal["reader", "judge"]
    """What it was asked: a reader answers the golden questions from the summary alone; another
    judge has the article beside the summary."""
    kind: str
    """The kind of model."""
    identity: dict[str, object]
    """All that can change its answers: part of every judgment's key, and by its hash of the
    signatures of the measures that rest on it."""
    calls: Count
    """How many different queries it was asked: each question once of each different text."""
    cached: Count
    """How many of them were there from before: from an earlier run, or since it is one of the
    models and had the article as such."""
    failed: Count
    """How many failed. A summary lacks the measures that need one of these."""
    seconds: Annotated[float, Field(ge=0)]
    """Time spent judging, loading aside; of cached judgments, what they took when made."""
    cost: Annotated[float, Field(ge=0)] | None
    """What the judgments cost when made; null without prices or token counts."""
    tokens: Count | None = None
    """The tokens that it read and wrote for them; null where nobody counted."""
    measures: list[str] = Field(default_factory=list)
    """Of a judge that is no reader: the measures that rest on what it said."""
    length: dict[str, LengthLine] = Field(default_factory=dict)
    """By measure, how its scores go with the number of words, over all texts of the run."""
    most_pairs: Count | None = None
    """The most pairs of summaries that it was to be asked about; null for all, and where it is not
    asked which of two is better. Which these are follows from the texts alone."""
    preferences: dict[Scope, PreferencesLine] = Field(default_factory=dict)
    """Which of two summaries it prefers; empty where it was not asked."""
    cautions: list[str] = Field(default_factory=list)
    """What to beware of, in words."""
    on_article: dict[Scope, OnText] = Field(default_factory=dict)
    """What it answers from the whole article: no summary can show more. Of events only where it
    answers them as a model too: they are as long as all their articles."""
    on_nothing: dict[Scope, OnText] = Field(default_factory=dict)
    """What it answers from the empty text: what it knows, or guesses, without reading."""
    question_weights: Literal["references"] | None = None
    """How questions weigh in coverage and told; null: all alike. references: by how many tell it.
    """
    weights: dict[str, int] = Field(default_factory=dict)
    """The weight of each question, where they do not weigh alike."""
    environments: list[dict[str, object]]
    """Where the judgments were made; several if they were made in several."""

    @classmethod
    def of(cls, reader: ReaderFacts, judged: Judged, inquiry: Inquiry) -> Self:
        """Return the line of a reader; the inquiry's measures are over what it said."""
        return cls(
            **dict(reader),
            role="reader",
            **_judging(judged),
            question_weights=None if inquiry.weights is None else "references",
            weights=dict(inquiry.weights or {}),
            **_abilities(inquiry),
        )

    @classmethod
    def of_judge(cls, judge: JudgeFacts, judged: Judged, measures: Sequence[str]) -> Self:
        """Return the line of a judge that is no reader; `measures` rest on what it said."""
        return cls(
            **dict(judge),
            role="judge",
            **_judging(judged),
            measures=list(measures),
        )

    def recounted(self, judged: Mapping[str, str | None], measures: Sequence[str]) -> Self:
        """Return a judge's line with what follows from its judgments, as `recomputed` does."""
        failed = sum(error is not None for error in judged.values())
        update = {"calls": len(judged), "failed": failed, "measures": list(measures)}
        return self.model_copy(update=update)

    def recomputed(self, judged: Mapping[str, str | None], inquiry: Inquiry) -> Self:
        """Return the line with all that follows from its judgments made anew, costs aside.

        `judged` has the error of each judgment that there is by its key, `None` of one without.
        """
        failed = sum(error is not None for error in judged.values())
        return self.model_copy(
            update={
                "calls": len(judged),
                "failed": failed,
                "weights": dict(inquiry.weights or {}),
                **_abilities(inquiry),
            }
        )


def _judging(judged: Judged) -> dict[str, Any]:
    """Return what the judgments took, and where they were made."""
    return {
        "calls": judged.calls,
        "cached": judged.cached,
        "failed": len(judged.failures),
        "seconds": judged.seconds,
        "cost": judged.cost,
        "tokens": judged.tokens,
        "environments": [dict(environment) for environment in judged.environments],
    }


def _abilities(inquiry: Inquiry) -> dict[str, Any]:
    return {
        name: {scope: OnText(**means) for scope, means in means_on(inquiry, whole=whole).items()}
        for name, whole in (("on_article", True), ("on_nothing", False))
    }
