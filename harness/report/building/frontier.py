"""Quality against cost: which rows no other row makes needless."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import Row
from harness.report.building.numbers import interval
from harness.report.content.plots import Frontier, Point
from harness.visible import visible_text


def pareto_frontiers(rows: Sequence[Row], metric: str) -> tuple[Frontier, ...]:
    """Return a group's models and floors by seconds, by size of weights, and by price.

    A floor has no weights, so its size is 0; a model whose size is not known is left out there.
    """
    predicting = [row for row in rows if row.role in ("model", "floor")]
    sizes = [(row, _weights_size(row)) for row in predicting]
    prices = [(row, row.cost) for row in predicting]
    frontiers = [
        _frontier(
            "seconds", "seconds of predicting", [(row, row.seconds) for row in predicting], metric
        ),
        _frontier("weights_bytes", "bytes of weights", sizes, metric),
        _frontier("price", "price of predicting, by the roster's prices", prices, metric),
    ]
    return tuple(frontier for frontier in frontiers if frontier.points)


def on_frontier(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Return of points (cost, quality) which are not dominated.

    A point is dominated by one that costs no more and is no worse, and is cheaper or better. The
    set of the others is Pareto's.

    >>> on_frontier([(1, 0.2), (2, 0.5), (3, 0.4), (2, 0.5)])
    [True, True, False, True]
    """
    return [
        not any(
            other[0] <= point[0] and other[1] >= point[1] and other != point for other in points
        )
        for point in points
    ]


def _frontier(
    axis: str, label: str, costs: Sequence[tuple[Row, float | None]], metric: str
) -> Frontier:
    candidates = [
        (row, cost, mean)
        for row, cost in costs
        if cost is not None and (mean := row.metrics[metric].mean) is not None
    ]
    candidates.sort(key=lambda candidate: (candidate[1], -candidate[2]))
    optimal = on_frontier([(cost, mean) for _, cost, mean in candidates])
    points = tuple(
        Point(
            model=visible_text(row.model),
            role=row.role,
            cost=cost,
            mean=mean,
            interval=interval(row.metrics[metric].interval),
            frontier=is_optimal,
        )
        for (row, cost, mean), is_optimal in zip(candidates, optimal, strict=True)
    )
    return Frontier(axis=axis, label=label, points=points)


def _weights_size(row: Row) -> float | None:
    return 0.0 if row.role == "floor" and row.weights is None else row.weights_bytes
