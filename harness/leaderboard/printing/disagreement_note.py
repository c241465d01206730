"""That two measures order rows in opposite ways, in a sentence."""

from collections.abc import Iterable, Sequence

from harness.leaderboard.leaderboard import DisagreementLine
from harness.leaderboard.printing.listed_names import listed

# So many rows are named as better, and so many beside each.
MAX_NAMED = 3


def disagreement_notes(lines: Iterable[DisagreementLine]) -> list[str]:
    """Return a sentence for every two measures of a task and scope that disagree; none if none do.

    It names the rows and says nothing of all others: what is not shown may be either way.
    """
    by_measures: dict[tuple[str, str], list[DisagreementLine]] = {}
    for line in lines:
        by_measures.setdefault((line.metric, line.opposed), []).append(line)
    return [_sentence(*measures, pairs) for measures, pairs in by_measures.items()]


def _sentence(metric: str, opposed: str, pairs: Sequence[DisagreementLine]) -> str:
    worse_by_better: dict[str, list[str]] = {}
    for line in pairs:
        worse_by_better.setdefault(line.a, []).append(line.b)
    named = list(worse_by_better.items())[:MAX_NAMED]
    clauses = [f"{better} is better than {listed(worse, MAX_NAMED)}" for better, worse in named]
    more = len(worse_by_better) - len(named)
    if more:
        clauses.append(f"so for {more} more row{'' if more == 1 else 's'}")
    return (
        f"{metric} and {opposed} disagree, and each at the 5 % level after adjusting for all "
        f"pairs: by {metric} {'; '.join(clauses)}; by {opposed} it is the other way round."
    )
