"""Ranks that claim no more than the comparisons show."""

from collections.abc import Iterable, Sequence

from harness.stats.paired import Comparison

LEVEL = 0.05


def beaten(comparisons: Iterable[Comparison], rows: int) -> list[frozenset[int]]:
    """Return for each row the rows that it beats: better, with Holm's p below 5 %."""
    found: list[set[int]] = [set() for _ in range(rows)]
    for one in comparisons:
        if one.p_holm < LEVEL:
            winner, loser = (one.a, one.b) if one.difference > 0 else (one.b, one.a)
            found[winner].add(loser)
    return [frozenset(some) for some in found]


def rank_groups(order: Sequence[int], beats: Sequence[frozenset[int]]) -> dict[int, int]:
    """Return the group of each row, from 1; `order` is best first.

    Going down, a row opens a new group when some row of the present group beats it. So no row
    beats another of its own group. The converse cannot be had, since "not told apart" does not
    carry over: the last of one group and the first of the next may be alike, and `beats` says.

    >>> rank_groups([0, 1, 2], [frozenset({2}), frozenset(), frozenset()])
    {0: 1, 1: 1, 2: 2}
    """
    groups: dict[int, int] = {}
    present: list[int] = []
    number = 1
    for row in order:
        if any(row in beats[other] for other in present):
            number, present = number + 1, []
        groups[row] = number
        present.append(row)
    return groups
