"""What a row scored on the part of its examples that the model saw, and on the part it did not."""

from collections.abc import Callable, Iterable

from harness.leaderboard.numbers import Subset
from harness.leaderboard.rows.evidence import evidence_seen
from harness.records import ScoredPrediction

_SUBSET_MEMBERSHIP: dict[str, Callable[[ScoredPrediction], bool]] = {
    "uncut": lambda scored: not scored.prediction.truncated,
    "evidence_seen": lambda scored: evidence_seen(scored) is True,
    "evidence_cut": lambda scored: evidence_seen(scored) is False,
}


def subsets(scored: Iterable[ScoredPrediction]) -> dict[str, Subset | None]:
    """Return a row's subsets by the names of its fields; all `None` if no source was cut.

    One pass, and nothing of a prediction is kept. Those on evidence are for answers alone.
    """
    counts = dict.fromkeys(_SUBSET_MEMBERSHIP, 0)
    totals: dict[str, dict[str, list[float]]] = {name: {} for name in _SUBSET_MEMBERSHIP}
    cut = of_answers = False
    for scored_prediction in scored:
        if not scored_prediction.scores:  # it failed
            continue
        cut = cut or scored_prediction.prediction.truncated
        of_answers = of_answers or scored_prediction.example.query.task == "answer"
        for name, is_member in _SUBSET_MEMBERSHIP.items():
            if is_member(scored_prediction):
                counts[name] += 1
                total = totals[name]
                for metric, value in scored_prediction.scores.items():
                    so_far = total.setdefault(metric, [0.0, 0.0])
                    so_far[0] += value
                    so_far[1] += 1
    return {
        name: Subset(n=n, means={metric: x / count for metric, (x, count) in totals[name].items()})
        if cut and (of_answers or name == "uncut")
        else None
        for name, n in counts.items()
    }
