"""Every two rows compared by a metric, and the pairs that another metric shows in another order."""

import dataclasses
from collections.abc import Sequence

from harness.leaderboard.ranking.scored_rows import RowScores, comparable_pairs, scored_sets
from harness.metrics.declaration import Declaration
from harness.stats import Comparison, compare_sets, rows_beaten


def compare_rows(
    compared: Sequence[RowScores], metric: str, declaration: Declaration
) -> list[Comparison]:
    """Return every comparison, of the row that comes first; p is adjusted over all of them."""
    pair_sets = comparable_pairs(compared)
    by_set = compare_sets(scored_sets(compared, pair_sets, metric, declaration))
    comparisons = [
        dataclasses.replace(comparison, a=a, b=b)
        for pairs, set_comparisons in zip(pair_sets, by_set, strict=True)
        for (a, b), comparison in zip(pairs, set_comparisons, strict=True)
    ]
    return sorted(comparisons, key=lambda comparison: (comparison.a, comparison.b))


def contrary_comparisons(
    compared: Sequence[RowScores],
    by_primary: Sequence[Comparison],
    metric: str,
    declaration: Declaration,
) -> list[Comparison]:
    """Return the comparisons by a metric that show the opposite of what the primary one shows.

    Both adjusted for all pairs. Nothing is tested where no two means are the other way round.
    """
    means = [row.row.metrics[metric].mean or 0.0 for row in compared]
    shown = _shown(by_primary, len(compared))
    if not any(declaration.sign * (means[b] - means[a]) > 0 for a, b in shown):
        return []
    by_metric = compare_rows(compared, metric, declaration)
    opposite = {(b, a) for a, b in _shown(by_metric, len(compared))} & shown
    return [
        comparison
        for comparison in by_metric
        if {(comparison.a, comparison.b), (comparison.b, comparison.a)} & opposite
    ]


def _shown(comparisons: Sequence[Comparison], rows: int) -> set[tuple[int, int]]:
    """Return the pairs of a row and one that it beats."""
    beaten = rows_beaten(comparisons, rows)
    return {(row, other) for row in range(rows) for other in beaten[row]}
