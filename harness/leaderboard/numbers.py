"""What a leaderboard's row has of numbers: means with their intervals, and counts."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from harness.metrics import short_signature

Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the leaderboard's JSON: of known fields alone, each with a description."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
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
    above."""


class Number(Part):
    """One metric's mean over a row's predictions."""

    mean: Annotated[float, Field(ge=0, le=1)] | None
    """The arithmetic mean; null if every prediction failed."""
    n: Count
    """How many predictions the mean is over: the row's `ok` and `missing` counts."""
    signature: str
    """All that the number depends on. Numbers of different signatures are not comparable."""
    signature_short: str = Field(default_factory=lambda known: short_signature(known["signature"]))
    """The metric's name and the first 8 digits of the signature's SHA-256."""
    share: float | None
    """Where the mean stands between the best floor (0) and the ceiling (1): for summaries the
    better of people and oracle, for answers an acceptable one. Below 0 is below the floor. Null
    where there is no floor or no ceiling above it."""
    interval: IntervalLine | None = None
    """The mean's interval over articles like these, within 0 and 1; null for a single article or
    event, and where no two articles differ."""
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
    cached: Count
    """Predictions that an earlier run had made."""
    missing: Count = 0
    """Examples that a file of predictions has none for. Each is a 0 in every mean."""


class Subset(Part):
    """Some of a row's scored predictions, chosen by what the model saw of their sources."""

    n: Count
    """How many there are."""
    means: dict[str, float]
    """The mean of each metric over them; empty if there are none."""
