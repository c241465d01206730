"""A sum of numbers that come one after the other, rounded once."""

import math


class ExactSum:
    """Adds floats up without an error and without keeping them.

    What is kept are the sum and what rounding took from it, a few numbers that do not overlap
    (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", section 2.3), so `total` is what
    `math.fsum` returns of all of them.

    >>> total = ExactSum()
    >>> for value in [1e16, 1.0, 1.0, -1e16]:
    ...     total.add(value)
    >>> total.total, total.count
    (2.0, 4)
    """

    __slots__ = ("_parts", "count")

    def __init__(self) -> None:
        self._parts: list[float] = []
        self.count = 0
        """How many numbers were added."""

    def add(self, value: float) -> None:
        """Add a finite number."""
        self.count += 1
        kept = 0
        for part in self._parts:
            larger, smaller = (part, value) if abs(value) < abs(part) else (value, part)
            high = larger + smaller
            low = smaller - (high - larger)
            if low:
                self._parts[kept] = low
                kept += 1
            value = high
        self._parts[kept:] = [value]

    @property
    def total(self) -> float:
        """The sum, rounded to the nearest float."""
        return math.fsum(self._parts)

    @property
    def mean(self) -> float | None:
        """The sum over the count; `None` of nothing."""
        return self.total / self.count if self.count else None
