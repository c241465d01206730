"""Quality against cost: which rows no other row makes needless."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import Row
from harness.report.building.numbers import interval
from harness.report.content.plots import Frontier, Point
from harness.report.safety.visible_text import shown


def frontiers(rows: Sequence[Row], metric: str) -> tuple[Frontier, ...]:
    """Return a group's models and floors by seconds, by size of weights, and by price.

    A floor has no weights, so its size is 0; a model whose size is not known is left out there.
    """
    ran = [row for row in rows if row.role in ("model", "floor")]
    sizes = [(row, _size(row)) for row in ran]
    prices = [(row, row.cost) for row in ran]
    found = [
        _frontier("seconds", "seconds of predicting", [(row, row.seconds) for row in ran], metric),
        _frontier("weights_bytes", "bytes of weights", sizes, metric),
        _frontier("price", "price of predicting, by the roster's prices", prices, metric),
    ]
    return tuple(one for one in found if one.points)


def on_frontier(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Return of points (cost, quality) which are not dominated.

    A point is dominated by one that costs no more and is no worse, and is cheaper or better. The
    set of the others is Pareto's.

    >>> on_frontier([(1, 0.2), (2, 0.5), (3, 0.4), (2, 0.5)])
    [True, True, False, True]
    """
    return [
        not any(other[0] <= one[0] and other[1] >= one[1] and other != one for other in points)
        for one in points
    ]


def _frontier(
    axis: str, label: str, costs: Sequence[tuple[Row, float | None]], metric: str
) -> Frontier:
    known = [
        (row, cost, mean)
        for row, cost in costs
        if cost is not None and (mean := row.metrics[metric].mean) is not None
    ]
    known.sort(key=lambda one: (one[1], -one[2]))
    best = on_frontier([(cost, mean) for _, cost, mean in known])
    points = tuple(
        Point(
            model=shown(row.model),
            role=row.role,
            cost=cost,
            mean=mean,
            interval=interval(row.metrics[metric].interval),
            frontier=first,
        )
        for (row, cost, mean), first in zip(known, best, strict=True)
    )
    return Frontier(axis=axis, label=label, points=points)


def _size(row: Row) -> float | None:
    return 0.0 if row.role == "floor" and row.weights is None else row.weights_bytes
