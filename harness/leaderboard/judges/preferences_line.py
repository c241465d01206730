"""What the leaderboard says of the pairs of summaries that a judge was asked about."""

from typing import Annotated

from pydantic import Field

from harness.leaderboard.numbers import Count, IntervalLine, Part


class StrengthLine(Part):
    """How strong a row is, by which of two texts a judge prefers."""

    model: str
    """The row's model; of people it is their first reference."""
    strength: float
    """In log odds, 0 being the mean of the rows, by the model of Bradley and Terry (1952): with a
    strength greater by 1.1 three of four pairs are won. One tie is added between every two rows."""
    interval: IntervalLine | None
    """Its interval over articles; null for one article or event."""
    wins: Annotated[float, Field(ge=0, le=1)]
    """The share of its pairs that it wins, a tie being half a win."""
    n: Count
    """How many pairs of it were judged, those with them that nobody had to be asked about."""


class PreferencesLine(Part):
    """Which of two summaries of an article (or event) a judge prefers."""

    pairs: Count
    """How many pairs of rows there are on all examples, as far as they were to be judged."""
    unasked: Count
    """How many of them nobody was asked about: two texts of the same words are a tie, and a text
    without a word loses."""
    failed: Count
    """How many were not judged, since a judgment of one order or both failed."""
    changed: Annotated[float, Field(ge=0, le=1)] | None
    """Of the pairs that were asked about and judged, the share in which another text wins, or none,
    when both change places; null where there are none."""
    strengths: list[StrengthLine]
    """The rows with a pair that was judged, the strongest first."""
