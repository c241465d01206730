"""Rows against each other, two by two, by one metric."""

import dataclasses
from collections.abc import Sequence

from harness.leaderboard.leaderboard import ComparisonLine
from harness.leaderboard.numbers import IntervalLine
from harness.leaderboard.ranking.scored_rows import RowScores, comparable_pairs, scored_sets
from harness.metrics.declaration import Declaration
from harness.stats import Comparison, Interval, compare_sets

# Below this share of examples in common a comparison carries a caution.
ENOUGH_IN_COMMON = 0.9


def compare_rows(
    compared: Sequence[RowScores], metric: str, declaration: Declaration
) -> list[Comparison]:
    """Return every comparison, the row that stands first before the other.

    p is adjusted over all of them.
    """
    pair_sets = comparable_pairs(compared)
    by_set = compare_sets(scored_sets(compared, pair_sets, metric, declaration))
    comparisons = [
        dataclasses.replace(comparison, a=a, b=b)
        for pairs, set_comparisons in zip(pair_sets, by_set, strict=True)
        for (a, b), comparison in zip(pairs, set_comparisons, strict=True)
    ]
    return sorted(comparisons, key=lambda comparison: (comparison.a, comparison.b))


def comparison_line(
    compared: Sequence[RowScores], comparison: Comparison, metric: str
) -> ComparisonLine:
    """Return a comparison of two rows as the leaderboard has it."""
    a, b = compared[comparison.a].row, compared[comparison.b].row
    return ComparisonLine(
        task=a.task,
        scope=a.scope,
        metric=metric,
        a=a.model,
        b=b.model,
        n=comparison.n,
        difference=comparison.difference,
        interval=interval_line(comparison.interval),
        simultaneous=interval_line(comparison.simultaneous),
        p=comparison.p,
        p_adjusted=comparison.p_adjusted,
        adjustment=comparison.adjustment,
        wins=comparison.wins,
        ties=comparison.ties,
        losses=comparison.losses,
        caution=_caution(comparison.n, max(a.counts.expected, b.counts.expected)),
    )


def interval_line(interval: Interval | None) -> IntervalLine | None:
    """Return an interval as the leaderboard has it."""
    return (
        IntervalLine(low=interval.low, high=interval.high, method=interval.method)
        if interval
        else None
    )


def _caution(common: int, expected: int) -> str | None:
    if common >= ENOUGH_IN_COMMON * expected:
        return None
    share = 100 * common / expected
    return f"on {common:,} of {expected:,} examples ({share:.0f} %)"
