"""What a metric's numbers are: where they lie, which way is better, and what they may decide."""

import math
from dataclasses import dataclass
from typing import Literal

Direction = Literal["higher", "lower", "neither"]
MetricRole = Literal["ranked", "gated", "shown"]

# A score may be so far outside its range by rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Declaration:
    """What each metric says of itself, and intervals, ranks, gate, plan and pages follow.

    Scores lie from `low` to `high`, either of which may be infinite. `direction` is what is better,
    higher or lower; a length is neither. By `role` a metric may be the primary one, which ranks
    ("ranked"), be held against a baseline without ranking ("gated"), or is only shown; one that may
    do more may do less. `never_above` names a metric of the same family that no example scores
    lower by. `partial` says that some texts have no score by it, so that it cannot rank: its mean
    is over the others. Raises ValueError for an empty range, a metric that is to decide without a
    direction, and one that is to rank and is partial.
    """

    low: float = 0.0
    high: float = 1.0
    direction: Direction = "higher"
    role: MetricRole = "ranked"
    never_above: str | None = None
    partial: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if not self.low < self.high:
            raise ValueError(f"a range from {self.low:g} to {self.high:g} is empty")
        if self.direction == "neither" and self.role != "shown":
            raise ValueError(f"a metric that is {self.role} needs a direction")
        if self.partial and self.role == "ranked":
            raise ValueError("a metric that some texts have no score by cannot rank")

    @property
    def is_share(self) -> bool:
        """Whether scores are shares, or differences of two, and so are shown times 100."""
        return self.low in (0.0, -1.0) and self.high == 1.0

    @property
    def is_difference(self) -> bool:
        """Whether scores may be below 0, and so are shown with their signs."""
        return self.low < 0.0

    @property
    def sign(self) -> int:
        """1 where higher is better, or neither; -1 where lower is."""
        return -1 if self.direction == "lower" else 1

    @property
    def greatest_difference(self) -> float:
        """The most that two scores may be apart."""
        return self.high - self.low

    def holds(self, score: float) -> bool:
        """Whether a number can be a score or a mean: finite, and in the range but for rounding."""
        return math.isfinite(score) and self.low - ROUNDING <= score <= self.high + ROUNDING


SHARE = Declaration()
