"""Two rows that one measure orders one way, and another the other way, each significantly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from harness.leaderboard.leaderboard import DisagreementLine
from harness.leaderboard.ranking.comparisons import compare_rows
from harness.leaderboard.ranking.scored_rows import ExampleSet, RowScores, scored_by
from harness.metrics.declaration import Declaration
from harness.records import Task
from harness.stats import SIGNIFICANCE_LEVEL, Comparison, smallest_p

# What is held against the primary metric, and against each other: whether a summary keeps to its
# article, and whether it tells what matters; whether an answer is there, in however many words.
# Other ROUGE is no other question.
OTHER_MEASURES: Mapping[Task, tuple[str, ...]] = {
    "summarize": ("support", "coverage"),
    "answer": ("contains",),
}

# More articles are flipped in groups: a test by these is as sound, and takes no longer.
MAX_GROUPS = 256


class _Order(NamedTuple):
    """By how much the first of two rows is above the other, by how much better, and how surely."""

    difference: float
    gain: float
    p_adjusted: float


# By the names of two rows.
_Orders = Mapping[tuple[str, str], _Order]


def disagreements(
    compared: Sequence[RowScores],
    comparisons: Sequence[Comparison],
    primary: str,
    declarations: Mapping[str, Declaration],
) -> Iterator[DisagreementLine]:
    """Yield the pairs of rows whose order two measures show, and in opposite ways.

    `comparisons` are those by the primary metric. By each other measure every two rows are compared
    as by that one, and a measure shows an order where p is below 5 % after adjusting over all its
    pairs. Nothing is computed where there are too few articles for any p below that.
    """
    clusters = max((comparison.clusters for comparison in comparisons), default=1)
    if smallest_p(clusters) >= SIGNIFICANCE_LEVEL:
        return
    task = compared[0].row.task
    orders: dict[str, _Orders] = {primary: _orders(compared, comparisons)}
    for measure in OTHER_MEASURES.get(task, ()):
        if measure != primary and all(measure in row.scores for row in compared):
            rows = _in_groups(scored_by(compared, measure))
            orders[measure] = _orders(rows, compare_rows(rows, measure, declarations[measure]))
    for metric, opposed in combinations(orders, 2):
        for pair, order in orders[metric].items():
            opposite = orders[opposed].get(pair)
            if opposite is not None and order.gain * opposite.gain < 0:
                sign = 1 if order.gain > 0 else -1
                a, b = pair if order.gain > 0 else reversed(pair)
                yield DisagreementLine(
                    task=task,
                    scope=compared[0].row.scope,
                    metric=metric,
                    opposed=opposed,
                    a=a,
                    b=b,
                    difference=sign * order.difference,
                    opposed_difference=sign * opposite.difference,
                    p_adjusted=order.p_adjusted,
                    opposed_p_adjusted=opposite.p_adjusted,
                )


def _orders(compared: Sequence[RowScores], comparisons: Iterable[Comparison]) -> _Orders:
    """Return the orders that comparisons show."""
    return {
        (compared[comparison.a].row.model, compared[comparison.b].row.model): _Order(
            comparison.difference, comparison.gain, comparison.p_adjusted
        )
        for comparison in comparisons
        if comparison.p_adjusted is not None and comparison.p_adjusted < SIGNIFICANCE_LEVEL
    }


def _in_groups(rows: Sequence[RowScores]) -> list[RowScores]:
    """Return the rows with at most `MAX_GROUPS` clusters: articles drawn together."""
    groups = {
        id(row.examples): ExampleSet(row.examples.ids, row.examples.clusters % MAX_GROUPS)
        for row in rows
    }
    return [replace(row, examples=groups[id(row.examples)]) for row in rows]
