"""The one axis that all intervals of a leaderboard are drawn on."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from harness.report.content.group import Group

# Room at either end, of the axis's length: half a mark.
MARGIN = 0.03
STEPS = (0.05, 0.1, 0.2, 0.25)


@dataclass(frozen=True)
class ScoreAxis:
    """An axis from `low` to `high`, in scores; `ticks` are scores too.

    `floor` and `ceiling` are where the bands end that lie below the floor and above the ceiling.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    floor: float | None
    ceiling: float | None

    def at(self, score: float) -> float:
        """Return where a score stands, in percent of the axis's length.

        >>> ScoreAxis(0.0, 0.5, (), None, None).at(0.25)
        50.0
        """
        return round(100 * (score - self.low) / (self.high - self.low), 2)


def score_axis(group: Group) -> ScoreAxis:
    """Return the axis that all of a group's intervals, its floor and its ceiling fit on."""
    floor = group.floor.mean if group.floor else None
    ceiling = group.ceiling.mean if group.ceiling else None
    scores = [score for score in (floor, ceiling) if score is not None]
    for row in group.rows:
        value = row.primary
        scores += [] if value.mean is None else [value.mean]
        scores += [value.interval.low, value.interval.high] if value.interval else []
    low, high = _with_margin(scores or [0.0, 1.0])
    return ScoreAxis(low, high, ticks(low, high), floor, ceiling)


def _with_margin(scores: Iterable[float]) -> tuple[float, float]:
    known = list(scores)
    low, high = min(known), max(known)
    spare = max(high - low, 0.02) * MARGIN
    return max(low - spare, -spare), min(high + spare, 1 + spare)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Return some round scores from low to high, both included if they are round.

    >>> ticks(0.2, 0.66)
    (0.2, 0.3, 0.4, 0.5, 0.6)
    """
    step = next((one for one in STEPS if (high - low) / one <= 6), STEPS[-1])
    first, last = math.ceil(round(low / step, 9)), math.floor(round(high / step, 9))
    return tuple(round(one * step, 9) for one in range(first, last + 1))
