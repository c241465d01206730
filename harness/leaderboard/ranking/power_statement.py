"""What a suite of some size can show, in numbers and in words."""

from collections.abc import Sequence
from functools import reduce
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from harness.leaderboard.leaderboard import PowerLine, Row
from harness.leaderboard.ranking.scored_rows import RowScores
from harness.metrics.declaration import Declaration
from harness.stats import (
    NO_SPREAD,
    SIGNIFICANCE_LEVEL,
    Comparison,
    minimum_detectable_difference,
    smallest_p,
)

NUMBER_WORDS = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()


def power_line(
    compared: Sequence[RowScores],
    comparisons: Sequence[Comparison],
    declaration: Declaration,
    task_rows: Sequence[Row],
    noun: str | None = None,
) -> PowerLine:
    """Return what the articles or events show of rows that were compared so.

    `noun` is what a cluster is called where it is neither.

    The difference that could be told is from the comparison of two models (of two rows where there
    are none) whose standard error is the median; rows alike, and those on one article, do not
    count.
    """
    common = _common_clusters(compared)
    clusters = max(
        (comparison.clusters for comparison in comparisons), default=len(np.unique(common))
    )
    minimum_difference = _minimum_difference(compared, comparisons)
    # No two means are further apart than the range of their metric.
    if minimum_difference is not None and minimum_difference > declaration.greatest_difference:
        minimum_difference = None
    row = compared[0].row
    sentence = _sentence(
        clusters, noun or row.scope, len(comparisons), minimum_difference, declaration
    )
    if len({id(scores.examples) for scores in compared}) > 1:
        expected = max(scores.row.counts.expected for scores in compared)
        sentence += (
            f" Failed predictions are in no mean: {len(common):,} of {expected:,} examples were "
            "scored in all rows. Rows are sorted by their own means, and two are compared on the "
            "examples that both have."
        )
    unscored = sorted(
        other.model
        for other in task_rows
        if other.role in ("model", "floor") and not other.counts.ok and not other.counts.missing
    )
    if unscored:
        sentence += f" Not ranked, since nothing of it was scored: {', '.join(unscored)}."
    return PowerLine(
        task=row.task,
        scope=row.scope,
        clusters=clusters,
        common=len(common),
        comparisons=len(comparisons),
        smallest_p=smallest_p(clusters),
        minimum_difference=minimum_difference,
        sentence=sentence,
    )


def _common_clusters(compared: Sequence[RowScores]) -> NDArray[np.int64]:
    """Return the cluster of each example that all rows were scored on."""
    first = compared[0].examples
    kept = reduce(
        np.logical_and,
        (first.common(scores.examples) for scores in compared[1:]),
        np.ones(len(first.ids), dtype=bool),
    )
    return first.clusters[kept]


def _minimum_difference(
    compared: Sequence[RowScores], comparisons: Sequence[Comparison]
) -> float | None:
    between_models = [
        comparison
        for comparison in comparisons
        if compared[comparison.a].row.role == compared[comparison.b].row.role == "model"
    ]
    spreads = [
        (comparison.standard_error, comparison.freedom)
        for comparison in between_models or comparisons
        if comparison.standard_error > NO_SPREAD
    ]
    return minimum_detectable_difference(*median_low(spreads)) if spreads else None


def _sentence(
    clusters: int,
    noun: str,
    comparisons: int,
    minimum_difference: float | None,
    declaration: Declaration,
) -> str:
    number = NUMBER_WORDS[clusters] if clusters < len(NUMBER_WORDS) else f"{clusters:,}"
    sample = f"{number} {noun}{'s' if clusters > 1 else ''}"
    if not comparisons:
        return "No two rows have scored examples in common, so none are compared."
    if clusters == 1:
        return f"{sample} cannot show any difference: how others would come out is not known."
    p = smallest_p(clusters)
    pair = None
    if minimum_difference is not None:
        apart = (
            f"{100 * minimum_difference:.1f} points"
            if declaration.is_share
            else f"{minimum_difference:.3g}"
        )
        pair = f"two rows {apart} apart"
    if p < SIGNIFICANCE_LEVEL:
        if pair is None:
            return f"{sample} tell nothing of the difference that they could show: no rows differ."
        return (
            f"{sample} tell {pair} from each other 80 % of the time, at the 5 % level and before "
            "adjusting for several comparisons."
        )
    sentence = (
        f"{sample} cannot show any difference at the 5 % level by an exact test: the smallest "
        f"possible p is {p:.4f}. So all ranks are open."
    )
    if pair:
        sentence += f" Student's t, which assumes more, would tell {pair} from each other 80 % "
        sentence += "of the time."
    return sentence
