"""What a row scored on the part of its examples that the model saw, and on the part it did not."""

from collections.abc import Callable, Iterable

from harness.leaderboard.evidence import evidence_seen
from harness.leaderboard.leaderboard import Subset
from harness.records import Scored

_CHOSEN: dict[str, Callable[[Scored], bool]] = {
    "uncut": lambda one: not one.prediction.truncated,
    "evidence_seen": lambda one: evidence_seen(one) is True,
    "evidence_cut": lambda one: evidence_seen(one) is False,
}


def subsets(scored: Iterable[Scored]) -> dict[str, Subset | None]:
    """Return a row's subsets by the names of its fields; all `None` if no source was cut.

    One pass, and nothing of a prediction is kept. Those on evidence are for answers alone.
    """
    counts = dict.fromkeys(_CHOSEN, 0)
    totals: dict[str, dict[str, float]] = {name: {} for name in _CHOSEN}
    cut = asked = False
    for one in scored:
        if not one.scores:  # it failed
            continue
        cut = cut or one.prediction.truncated
        asked = asked or one.example.query.task == "answer"
        for name, belongs in _CHOSEN.items():
            if belongs(one):
                counts[name] += 1
                total = totals[name]
                for metric, value in one.scores.items():
                    total[metric] = total.get(metric, 0.0) + value
    return {
        name: Subset(n=n, means={metric: min(1.0, x / n) for metric, x in totals[name].items()})
        if cut and (asked or name == "uncut")
        else None
        for name, n in counts.items()
    }
