"""What a leaderboard's row has of numbers: means with their intervals, and counts."""

import math
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from harness.metrics import short_signature
from harness.metrics.agreement.figures import AgreementFigure
from harness.metrics.declaration import Declaration, Direction, MetricRole
from harness.validation.attribute_texts import describe_properties

Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the leaderboard's JSON: of known fields alone, each with a description."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, json_schema_extra=describe_properties
    )


class CodeLine(Part):
    """A class of one's own that computes a metric."""

    file: str | None = None
    """Its file as seen from the run's folder; null for a class of an installed package."""
    class_name: str
    """The class, or the name that a package offers it by."""
    options: dict[str, object] = Field(default_factory=dict)
    """What it is made with."""
    files: list[str] = Field(default_factory=list)
    """Other files and folders that it imports or reads, as seen from the run's folder."""
    package: str | None = None
    """The package that it is of, with its version; null for a file."""
    sha256: str
    """Hash over all of that, the content of the files too."""


class MetricLine(Part):
    """What a metric's numbers are."""

    low: float | None
    """The least that a score can be; null if there is no least."""
    high: float | None
    """The most that it can be; null if there is no most."""
    direction: Direction
    """Whether higher or lower is better, or neither, as of a length."""
    role: MetricRole
    """ranked: it may be the primary metric, which ranks. gated: `harness gate` may hold it against
    a baseline. shown: it only describes. What may do more may do less."""
    never_above: str | None
    """The metric that no example scores lower by; null if there is none."""
    partial: bool = False
    """Whether some texts have no score by it, such as a share of what they lack: the mean is then
    over the others."""
    agreement: list[AgreementFigure] = Field(default_factory=list)
    """How far it was found to agree with people on public sets, as docs/agreement.md shows it.
    Empty: not established of this metric, or not with these options or in this language."""

    code: CodeLine | None = None
    """What computes it, if that is not of this package."""

    @classmethod
    def of(cls, declaration: Declaration, agreement: Sequence[AgreementFigure] = ()) -> Self:
        """Return the line of what a metric declares, and how far it agrees with people."""
        low, high = declaration.low, declaration.high
        return cls(
            low=low if math.isfinite(low) else None,
            high=high if math.isfinite(high) else None,
            direction=declaration.direction,
            role=declaration.role,
            never_above=declaration.never_above,
            partial=declaration.partial,
            agreement=list(agreement),
        )

    @property
    def declaration(self) -> Declaration:
        """What the metric declares; raise ValueError if it contradicts itself."""
        return Declaration(
            low=-math.inf if self.low is None else self.low,
            high=math.inf if self.high is None else self.high,
            direction=self.direction,
            role=self.role,
            never_above=self.never_above,
            partial=self.partial,
        )


class IntervalLine(Part):
    """A 95 % interval."""

    low: float
    """Its lower end."""
    high: float
    """Its upper end."""
    method: str
    """t: Student's t over articles, by CR2 and its degrees of freedom. wilson: Wilson's, where each
    article has one example, right or wrong. wilson by cluster: the same with each article as one
    trial, where all scores are 0 or all 1. bca: 10,000 bootstrap draws of articles with a fixed
    seed; percentile: the same where BCa is not defined. identical: two rows that differ on no
    example. maxt: simultaneous, by joint sign flips; "maxt, open at 0": 0 itself is not in it. With
    ", under f1": an end was drawn down to that of f1's interval, which this metric is never
    above. bradley-terry: t over articles, by the sandwich or the likelihood, the wider of both."""


class Number(Part):
    """One metric's mean over a row's predictions."""

    mean: float | None
    """The arithmetic mean; null if every prediction failed."""
    n: Count
    """How many predictions the mean is over: the row's `ok` and `missing` counts, of a partial
    metric less those without a score."""
    signature: str
    """All that the number depends on. Numbers of different signatures are not comparable."""
    signature_short: str = Field(default_factory=lambda known: short_signature(known["signature"]))
    """The metric's name and the first 8 digits of the signature's SHA-256."""
    interval: IntervalLine | None = None
    """The mean's interval over articles like these, within the metric's range; null for a single
    article or event, and where no two articles differ."""
    bootstrap: IntervalLine | None = None
    """The same by the bootstrap; null where `interval` would be by t and is null, and where all
    articles score alike."""
    clusters: Count = 0
    """How many articles (or events) the predictions are on: what the intervals rest on."""
    caution: str | None = None
    """What to beware of when reading the interval, in words; null if nothing."""
    bootstrap_caution: str | None = None
    """The same of the bootstrap."""
    unseen: Annotated[float, Field(ge=0, le=1)] | None = None
    """The share of letters, in the references and the row's predictions, that the metric does not
    see: see the page on metrics. Null below 0.02."""


class LengthLine(Part):
    """How a judge's scores go with the number of words of what it judged."""

    n: Count
    """How many texts of the run have a score."""
    spearman: float | None
    """Spearman's correlation over them; null for fewer than three, and where none differ."""


class CanaryLine(Part):
    """How a measure changed where references were made worse in a known way."""

    n: Count
    """How many pairs of an article and a reference there were to make worse."""
    lower: Annotated[float, Field(ge=0, le=1)]
    """The share of them that scored lower than before."""
    higher: Annotated[float, Field(ge=0, le=1)]
    """The share that scored higher, which is what to look for where lower is better."""
    none: Annotated[float, Field(ge=0, le=1)]
    """The share that had no score any more."""


class AboveFloor(Part):
    """A row less the best floor of its task and scope, by the primary metric."""

    floor: str
    """The floor: of those with the best mean the first by name."""
    difference: float
    """The row's mean less the floor's, on the examples that both were scored on."""
    interval: IntervalLine | None
    """Its interval by t, of this difference alone; null for one article or event, and where no two
    articles differ."""
    n: Count
    """How many examples both were scored on."""


class RepeatsLine(Part):
    """How a row's scores vary where its model was asked the same several times.

    By the one-way analysis of variance over examples, of the primary metric.
    """

    count: Annotated[int, Field(ge=2)]
    """How often it was asked each example."""
    failed: Count
    """How many of all these predictions failed. An example's score is the mean over those that did
    not, and it has failed if all have."""
    within_variance: Annotated[float, Field(ge=0)] | None
    """The variance of the scores of one example, from one time to the next; null where no example
    has two."""
    between_variance: Annotated[float, Field(ge=0)] | None
    """The variance of the examples' true means, that of their repeats taken off; null where there
    are no two examples, or none has two scores. An interval over articles has both in it."""


class Counts(Part):
    """What became of a row's examples: expected = ok + error + missing."""

    expected: Count
    """Examples of the task in the suite."""
    ok: Count
    """Predictions that were scored."""
    error: Count
    """Predictions that failed. They are not zeros: they are missing from every mean."""
    truncated: Count
    """Scored predictions whose source was cut to fit the model."""
    unfinished: Count = 0
    """Scored predictions that ended because they had as many tokens as they may."""
    empty: Count = 0
    """Scored summaries without a word: they support nothing, and are in no mean of a partial
    metric."""
    cached: Count
    """Predictions that an earlier run had made."""
    missing: Count = 0
    """Examples that a file of predictions has none for. Each is a 0 in every mean."""


class Subset(Part):
    """Some of a row's scored predictions, chosen by what the model saw of their sources."""

    n: Count
    """How many there are."""
    means: dict[str, float]
    """The mean of each metric over them, of a partial one over those with a score; empty if there
    are none."""
