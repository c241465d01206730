"""Ranks that claim no more than the comparisons show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.stats.paired import Comparison

SIGNIFICANCE_LEVEL = 0.05


def rows_beaten(comparisons: Iterable[Comparison], rows: int) -> list[frozenset[int]]:
    """Return for each row the rows that it beats: better, with an adjusted p below 5 %."""
    beaten: list[set[int]] = [set() for _ in range(rows)]
    for comparison in comparisons:
        if comparison.p_adjusted is not None and comparison.p_adjusted < SIGNIFICANCE_LEVEL:
            winner, loser = (
                (comparison.a, comparison.b)
                if comparison.gain > 0
                else (comparison.b, comparison.a)
            )
            beaten[winner].add(loser)
    return [frozenset(losers) for losers in beaten]


@dataclass(frozen=True, slots=True)
class Rank:
    """A row's rank, 1 and one for each row that beats it, and the worst that it may truly have."""

    best: int
    worst: int


def ranks(rows: Sequence[int], beats: Sequence[frozenset[int]]) -> dict[int, Rank]:
    """Return the rank of each of `rows`, those that were compared, with its interval.

    A row is behind those that beat it and before those that it beats; where it stands among the
    others is not known. So its true rank, 1 and one for each row that is truly better, lies between
    `best` and `worst`: for all rows at once in 95 % of tables, since the comparisons are adjusted
    for their number (Mogstad, Romano, Shaikh & Wilhelm, "Inference for Ranks with Applications to
    Mobility across Neighbourhoods and Academic Achievement across Countries", Review of Economic
    Studies). A row that nothing beats has rank 1, and so have all where nothing is told apart.

    >>> ranks([0, 1, 2], [frozenset({2}), frozenset(), frozenset()])
    {0: Rank(best=1, worst=2), 1: Rank(best=1, worst=3), 2: Rank(best=2, worst=3)}
    """
    return {
        row: Rank(
            best=1 + sum(row in beats[other] for other in rows),
            worst=len(rows) - len(beats[row]),
        )
        for row in rows
    }
