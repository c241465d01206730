"""Ranks that claim no more than the comparisons show."""

from collections.abc import Iterable, Sequence

from harness.stats.paired import Comparison

SIGNIFICANCE_LEVEL = 0.05


def rows_beaten(comparisons: Iterable[Comparison], rows: int) -> list[frozenset[int]]:
    """Return for each row the rows that it beats: better, with an adjusted p below 5 %."""
    beaten: list[set[int]] = [set() for _ in range(rows)]
    for comparison in comparisons:
        if comparison.p_adjusted is not None and comparison.p_adjusted < SIGNIFICANCE_LEVEL:
            winner, loser = (
                (comparison.a, comparison.b)
                if comparison.difference > 0
                else (comparison.b, comparison.a)
            )
            beaten[winner].add(loser)
    return [frozenset(losers) for losers in beaten]


def rank_groups(order: Sequence[int], beats: Sequence[frozenset[int]]) -> dict[int, int]:
    """Return the group of each row, from 1; `order` is best first.

    Going down, a row opens a new group when some row of the present group beats it. So no row
    beats another of its own group. The converse cannot be had, since "not told apart" does not
    carry over: the last of one group and the first of the next may be alike, and `beats` says.

    >>> rank_groups([0, 1, 2], [frozenset({2}), frozenset(), frozenset()])
    {0: 1, 1: 1, 2: 2}
    """
    groups: dict[int, int] = {}
    group: list[int] = []
    number = 1
    for row in order:
        if any(row in beats[other] for other in group):
            number, group = number + 1, []
        groups[row] = number
        group.append(row)
    return groups
