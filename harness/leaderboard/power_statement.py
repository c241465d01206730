"""What a suite of some size can show, in numbers and in words."""

from collections.abc import Sequence
from statistics import median_low

from harness.leaderboard.leaderboard import PowerLine
from harness.records import Scope, Task
from harness.stats import NO_SPREAD, SIGNIFICANCE_LEVEL, minimum_detectable_difference, smallest_p

NUMBER_WORDS = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()


def power_line(
    task: Task,
    scope: Scope,
    clusters: int,
    comparisons: int,
    errors: Sequence[float],
    freedom: float,
    unranked: Sequence[str],
) -> PowerLine:
    """Return what `clusters` articles or events show of rows that were compared so often.

    `errors` are the standard errors of typical differences, of which the median is taken, and
    `freedom` their degrees of freedom; zeros (rows alike) and NaN (one cluster) do not count.
    `unranked` names rows that could not be compared with the rest.
    """
    nonzero_errors = [error for error in errors if error > NO_SPREAD]
    minimum_difference = (
        minimum_detectable_difference(median_low(nonzero_errors), freedom)
        if nonzero_errors and clusters > 1
        else None
    )
    # No two means in [0, 1] are more than 1 apart.
    if minimum_difference is not None and minimum_difference > 1:
        minimum_difference = None
    sentence = _sentence(clusters, scope, comparisons, minimum_difference)
    if unranked:
        sentence += f" Not ranked, for want of scores on the same examples: {', '.join(unranked)}."
    return PowerLine(
        task=task,
        scope=scope,
        clusters=clusters,
        comparisons=comparisons,
        smallest_p=smallest_p(clusters),
        minimum_difference=minimum_difference,
        sentence=sentence,
    )


def _sentence(clusters: int, noun: str, comparisons: int, minimum_difference: float | None) -> str:
    number = NUMBER_WORDS[clusters] if clusters < len(NUMBER_WORDS) else f"{clusters:,}"
    sample = f"{number} {noun}{'s' if clusters > 1 else ''}"
    if not comparisons:
        return "No two rows were scored on the same examples, so none are compared."
    if clusters == 1:
        return f"{sample} cannot show any difference: how others would come out is not known."
    p = smallest_p(clusters)
    pair = (
        f"two rows {100 * minimum_difference:.1f} points apart"
        if minimum_difference is not None
        else None
    )
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
