"""What a suite of some size can show, in numbers and in words."""

from collections.abc import Sequence
from statistics import median_low

from harness.leaderboard.leaderboard import PowerLine
from harness.records import Scope, Task
from harness.stats import LEVEL, NO_SPREAD, detectable, smallest_p

WORDS = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()


def sensitivity(
    task: Task,
    scope: Scope,
    clusters: int,
    rows: int,
    comparisons: int,
    errors: Sequence[float],
    unranked: Sequence[str],
) -> PowerLine:
    """Return what `clusters` articles or events show of `rows` rows after so many comparisons.

    `errors` are the standard errors of typical differences, of which the median is taken; zeros
    (rows alike) and NaN (one cluster) do not count. `unranked` names rows that could not be
    compared with the rest.
    """
    known = [error for error in errors if error > NO_SPREAD]
    least = detectable(median_low(known), clusters - 1) if known and clusters > 1 else None
    if least is not None and least > 1:  # no two means in [0, 1] are so far apart
        least = None
    sentence = _sentence(clusters, scope, rows, comparisons, least)
    if unranked:
        sentence += f" Not ranked, for want of scores on the same examples: {', '.join(unranked)}."
    return PowerLine(
        task=task,
        scope=scope,
        clusters=clusters,
        comparisons=comparisons,
        smallest_p=smallest_p(clusters, comparisons),
        minimum_difference=least,
        sentence=sentence,
    )


def _sentence(clusters: int, noun: str, rows: int, comparisons: int, least: float | None) -> str:
    number = WORDS[clusters] if clusters < len(WORDS) else f"{clusters:,}"
    many = f"{number} {noun}{'s' if clusters > 1 else ''}"
    if not comparisons:
        return "No two rows were scored on the same examples, so none are compared."
    if clusters == 1:
        return f"{many} cannot show any difference: how others would come out is not known."
    p = smallest_p(clusters, comparisons)
    apart = f"two rows {100 * least:.1f} points apart" if least is not None else None
    if p * comparisons < LEVEL:
        if apart is None:
            return f"{many} tell nothing of the difference that they could show: no rows differ."
        return (
            f"{many} tell {apart} from each other 80 % of the time, at the 5 % level and before "
            "adjusting for several comparisons."
        )
    told = (
        f"{many} cannot show any difference at the 5 % level by an exact test: the smallest "
        f"possible p is {p:.4f}"
    )
    if p < LEVEL:
        told += f", times {comparisons} for all comparisons of {rows} rows"
    told += ". So all rows share one rank."
    if apart:
        told += f" Student's t, which assumes more, would tell {apart} from each other 80 % of "
        told += "the time."
    return told
