"""Where a plot's marks and names stand, in pixels, so that none is drawn over another."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

# Marks at one place are drawn so far apart; names are so high, and a letter so wide.
STEP = 9.0
LINE = 15.0
LETTER = 7.0
# Between a mark and its name.
GAP = 9.0


@dataclass(frozen=True)
class Costs:
    """A logarithmic axis of costs from the power `least` of 10 to `most`; `unit` is what counts 1.

    What costs less than `least` says, or nothing, stands there.
    """

    unit: float
    least: int
    most: int

    def at(self, cost: float) -> float:
        """Return where a cost stands on the axis, as a power of 10.

        >>> Costs(1e6, 0, 3).at(1e8), Costs(1.0, -2, 2).at(0.0)
        (2.0, -2.0)
        """
        size = cost / self.unit
        return float(self.least) if size <= 10.0**self.least else math.log10(size)


def costs(values: Sequence[float], unit: float, least: float | None) -> Costs:
    """Return the axis that all values fit on; what is below `least` counts as it.

    Without `least`, values of 0 get a decade of their own below the others.

    >>> costs([0.0, 9e7, 2e8], unit=1e6, least=None)
    Costs(unit=1000000.0, least=0, most=3)
    """
    known = [one / unit for one in values if one > 0]
    if least is not None:
        known = [max(one, least) for one in known] or [least]
        bottom = round(math.log10(least))
    else:
        bottom = math.floor(math.log10(min(known, default=1.0)))
        bottom -= any(one <= 0 for one in values)
    top = math.ceil(math.log10(max(known, default=1.0)))
    return Costs(unit, bottom, max(top, bottom + 1))


def apart(places: Sequence[float]) -> list[float]:
    """Return places from left to right, moved to the right where two are closer than a step.

    >>> apart([50.0, 0.0, 2.0])
    [50.0, 0.0, 9.0]
    """
    found = list(places)
    order = sorted(range(len(places)), key=lambda one: places[one])
    for one, after in itertools.pairwise(order):
        found[after] = max(places[after], found[one] + STEP)
    return found


def names(marks: Sequence[tuple[float, float]], letters: Sequence[int], width: float) -> list[
    tuple[bool, float]
]:  # fmt: skip
    """Return for each mark whether its name stands at its left, and how high (y grows downwards).

    Names are written from the top down, each beside its mark or just below what is in its way.

    >>> names([(0, 10), (0, 12)], [6, 6], 400)
    [(False, 10.0), (False, 25.0)]
    """
    taken: list[tuple[float, float, float]] = []
    found = [(False, 0.0)] * len(marks)
    for one in sorted(range(len(marks)), key=lambda at: marks[at][1]):
        x, y = marks[one]
        long = LETTER * letters[one]
        left = x + GAP + long > width
        start, end = (x - GAP - long, x - GAP) if left else (x + GAP, x + GAP + long)
        for begins, ends, height in sorted(taken, key=lambda box: box[2]):
            if start < ends and begins < end and abs(y - height) < LINE:
                y = height + LINE
        taken.append((start, end, y))
        found[one] = (left, float(y))
    return found
