"""Where a plot's marks and names stand, in pixels, so that none is drawn over another."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

# Marks at one place are drawn so far apart; names are so high, and a letter so wide.
STEP = 9.0
LINE_HEIGHT = 15.0
LETTER_WIDTH = 7.0
# Between a mark and its name; from a mark's middle to its sides.
GAP = 9.0
MARK = 6.0


@dataclass(frozen=True)
class CostAxis:
    """A logarithmic axis of costs from the power `least` of 10 to `most`; `unit` is what counts 1.

    What costs less than `least` says, or nothing, stands there.
    """

    unit: float
    least: int
    most: int

    def at(self, cost: float) -> float:
        """Return where a cost stands on the axis, as a power of 10.

        >>> CostAxis(1e6, 0, 3).at(1e8), CostAxis(1.0, -2, 2).at(0.0)
        (2.0, -2.0)
        """
        size = cost / self.unit
        return float(self.least) if size <= 10.0**self.least else math.log10(size)


def cost_axis(values: Sequence[float], unit: float, least: float | None) -> CostAxis:
    """Return the axis that all values fit on; what is below `least` counts as it.

    Without `least`, values of 0 get a decade of their own below the others.

    >>> cost_axis([0.0, 9e7, 2e8], unit=1e6, least=None)
    CostAxis(unit=1000000.0, least=0, most=3)
    """
    positive = [value / unit for value in values if value > 0]
    if least is not None:
        positive = [max(value, least) for value in positive] or [least]
        bottom = round(math.log10(least))
    else:
        bottom = math.floor(math.log10(min(positive, default=1.0)))
        bottom -= any(value <= 0 for value in values)
    top = math.ceil(math.log10(max(positive, default=1.0)))
    return CostAxis(unit, bottom, max(top, bottom + 1))


def spread_marks(places: Sequence[float]) -> list[float]:
    """Return places from left to right, moved to the right where two are closer than a step.

    >>> spread_marks([50.0, 0.0, 2.0])
    [50.0, 0.0, 9.0]
    """
    spread = list(places)
    order = sorted(range(len(places)), key=lambda index: places[index])
    for left, right in itertools.pairwise(order):
        spread[right] = max(places[right], spread[left] + STEP)
    return spread


def label_positions(
    marks: Sequence[tuple[float, float]],
    letters: Sequence[int],
    width: float,
    gap: float = GAP,
) -> list[tuple[bool, float]]:
    """Return for each mark whether its name stands at its left, and how high (y grows downwards).

    Names are written from the top down, each beside its mark or just below what is in its way:
    other names, and other marks.
    Between a mark and its name are `gap` pixels.

    >>> label_positions([(0, 10), (0, 12)], [6, 6], 400)
    [(False, 10.0), (False, 25.0)]
    """
    taken = [(x - MARK, x + MARK, y) for x, y in marks]
    positions = [(False, 0.0)] * len(marks)
    for mark in sorted(range(len(marks)), key=lambda at: marks[at][1]):
        x, y = marks[mark]
        length = LETTER_WIDTH * letters[mark]
        left = x + gap + length > width
        start, end = (x - gap - length, x - gap) if left else (x + gap, x + gap + length)
        for begins, ends, height in sorted(taken, key=lambda box: box[2]):
            if start < ends and begins < end and abs(y - height) < LINE_HEIGHT:
                y = height + LINE_HEIGHT
        taken.append((start, end, y))
        positions[mark] = (left, float(y))
    return positions


def raised_marks(spans: Sequence[tuple[float, float]], heights: Sequence[float]) -> list[float]:
    """Return heights (y grows downwards), raised where a mark's line would lie on another's.

    `spans` are the ends of the lines from left to right.

    >>> raised_marks([(0, 50), (40, 90), (60, 80)], [100, 100, 98])
    [100.0, 91.0, 82.0]
    """
    raised = [float(height) for height in heights]
    done: list[int] = []
    for mark in sorted(range(len(spans)), key=lambda at: spans[at]):
        start, end = spans[mark]
        for other in sorted(done, key=lambda at: -raised[at]):
            meets = spans[other][0] <= end and start <= spans[other][1]
            if meets and abs(raised[mark] - raised[other]) < STEP:
                raised[mark] = raised[other] - STEP
        done.append(mark)
    return raised
