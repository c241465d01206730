"""Whether more repeats or more articles would tell two models apart sooner."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.leaderboard.leaderboard import Row
from harness.plan.task_scores import TaskScores
from harness.stats import nested_variance


@dataclass(frozen=True, slots=True)
class RepeatsGain:
    """What more repeats would bring to the difference of two models, of which one varies.

    `standard_error` is that of the difference as it is, with articles of one size; `least` is what
    it comes to on as many articles with ever more repeats, and `articles` how many articles would
    do as much with the repeats that there are: `None` if all variance is of repeats.
    """

    count: int
    standard_error: float
    least: float
    articles: int | None


def repeats_gain(
    rows: Sequence[Row], scores: TaskScores, pair: tuple[int, int]
) -> RepeatsGain | None:
    """Return what repeats would bring to a pair; `None` where neither was asked several times.

    `rows` are those of the task by single articles. A model that gives the same again has no
    variance within an example; where the two were asked a different number of times, the variance
    that is left in their means is added up.
    """
    names = {scores.names[place] for place in pair}
    repeats = [row.repeats for row in rows if row.model in names and row.repeats is not None]
    told = [line for line in repeats if line.within_variance is not None]
    if not told:
        return None
    count = max(line.count for line in told)
    within = sum((line.within_variance or 0.0) * count / line.count for line in told)
    differences, articles = scores.differences(pair)
    variance = nested_variance(differences, articles, within, count)
    least = variance.least_standard_error
    return RepeatsGain(
        count=count,
        standard_error=variance.standard_error(),
        least=least,
        articles=variance.articles_like_endless_repeats() if least > 0 else None,
    )
