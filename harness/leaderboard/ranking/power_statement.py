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
    between_models = [
        comparison
        for comparison in comparisons
        if compared[comparison.a].row.role == compared[comparison.b].row.role == "model"
    ]
    minimum_difference = _minimum_difference(between_models or comparisons)
    # No two means are further apart than the range of their metric.
    if minimum_difference is not None and minimum_difference > declaration.greatest_difference:
        minimum_difference = None
    row = compared[0].row
    noun = noun or row.scope
    if not comparisons:
        sentence = "No two rows have scored examples in common, so none are compared."
    elif minimum_difference is None:
        rows = "models" if between_models else "rows"
        untold = _untold(between_models or comparisons, rows, noun)
        sentence = _sentence(clusters, noun, None, untold)
    else:
        sentence = _sentence(clusters, noun, _pair(minimum_difference, declaration))
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


def _minimum_difference(comparisons: Sequence[Comparison]) -> float | None:
    spreads = [
        (comparison.standard_error, comparison.freedom)
        for comparison in comparisons
        if comparison.standard_error > NO_SPREAD
    ]
    return minimum_detectable_difference(*median_low(spreads)) if spreads else None


def _pair(difference: float, declaration: Declaration) -> str:
    apart = f"{100 * difference:.1f} points" if declaration.is_share else f"{difference:.3g}"
    return f"two rows {apart} apart"


def _untold(comparisons: Sequence[Comparison], rows: str, noun: str) -> str:
    """Return what many enough clusters do not tell, and why, where no difference is known."""
    if any(comparison.standard_error > NO_SPREAD for comparison in comparisons):
        return (
            f"would not even tell two {rows} as far apart as can be from each other 80 % of the "
            f"time, at the 5 % level: differences change too much from {noun} to {noun}."
        )
    differ = any(comparison.wins or comparison.losses for comparison in comparisons)
    why = f"{rows} that differ do so by the same in every {noun}" if differ else f"no {rows} differ"
    return f"tell nothing of the difference that they could show: {why}."


def _sentence(clusters: int, noun: str, pair: str | None, untold: str = "") -> str:
    number = NUMBER_WORDS[clusters] if clusters < len(NUMBER_WORDS) else f"{clusters:,}"
    sample = f"{number} {noun}{'s' if clusters > 1 else ''}"
    if clusters == 1:
        return f"{sample} cannot show any difference: how others would come out is not known."
    p = smallest_p(clusters)
    if p < SIGNIFICANCE_LEVEL:
        if pair is None:
            return f"{sample} {untold}"
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
