"""A verdict on each row of a run: passed, failed, only told, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.compare.pairs import RowName, RowPair, RunPair, Scores
from harness.compare.text import interval_text, points
from harness.errors import UsageError, nearest

State = Literal["passed", "failed", "told", "refused"]
STATES: tuple[State, ...] = ("failed", "refused", "told", "passed")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one row, and why. `pair` is `None` for a row that one run lacks."""

    name: RowName
    state: State
    reason: str
    pair: RowPair | None


@dataclass(frozen=True)
class Gate:
    """The verdicts on all rows, and the tolerances they were made with, by metric."""

    base: str
    head: str
    tolerances: Mapping[str, float]
    verdicts: tuple[Verdict, ...]

    def of(self, state: State) -> list[Verdict]:
        """Return the verdicts of one kind."""
        return [one for one in self.verdicts if one.state == state]

    @property
    def exit_code(self) -> int:
        """2 if a row was refused, else 1 if one failed, else 0."""
        return 2 if self.of("refused") else 1 if self.of("failed") else 0


def judge(pair: RunPair, tolerances: Mapping[str, float] | None = None) -> Gate:
    """Return the gate's verdicts on models, floors and the oracle alike; people predict nothing.

    A row fails if the whole 95 % interval of its primary metric's difference lies below minus the
    tolerance (0 if none is given), if an example is missing, or if failures grew. Where every
    article moved by the very same, there is no interval and the difference stands for it. A row
    on one article or event has no interval: its change is told, and never fails. Floors and the
    oracle are held to the same rule: nothing but their code or the goldens can move them.

    Raises UsageError for a tolerance of what is no primary metric of the runs.
    """
    given = dict(tolerances or {})
    known = list(dict.fromkeys(row.metric for row in pair.rows))
    for name in given:
        if name not in known:
            raise UsageError(
                f"--tolerance: no primary metric {name!r} in these runs{nearest(name, known)}"
            )
    verdicts = [_verdict(row, given.get(row.metric, 0.0)) for row in pair.rows]
    verdicts += [
        Verdict(name, "failed", "the head lacks this row, so all its examples are missing", None)
        for name in pair.only_base
    ]
    verdicts += [
        Verdict(name, "told", "new: the baseline has no such row", None) for name in pair.only_head
    ]
    return Gate(pair.base, pair.head, given, tuple(verdicts))


def _verdict(row: RowPair, tolerance: float) -> Verdict:
    if row.refused:
        return Verdict(row.name, "refused", "; ".join(map(str, row.refused)), row)
    lost = _lost(row)
    scores = row.scores
    if scores is None:
        lost = lost or ["no example was scored in both runs"]
        grew = len(row.failed) > len(row.recovered) or row.missing
        return Verdict(row.name, "failed" if grew else "told", "; ".join(lost), row)
    change = f"{row.metric} {_change(scores)}"
    below = _upper(scores)
    if below is not None and below < -tolerance:
        beyond = f", beyond the tolerance of {100 * tolerance:g}" if tolerance else ""
        lost.insert(0, f"{change}: worse{beyond}")
    if lost:
        return Verdict(row.name, "failed", "; ".join(lost), row)
    if below is None:
        return Verdict(row.name, "told", f"{change}: one article or event is no proof", row)
    return Verdict(row.name, "passed", change, row)


def _lost(row: RowPair) -> list[str]:
    lost = []
    if row.missing:
        lost.append(f"{len(row.missing)} examples are missing, such as {row.missing[0]}")
    if len(row.failed) > len(row.recovered):
        grown = len(row.failed) - len(row.recovered)
        lost.append(f"failures grew by {grown}, such as {row.failed[0]}")
    return lost


def _upper(scores: Scores) -> float | None:
    """Return the most that the difference may be, `None` where that cannot be told."""
    if scores.interval is not None:
        return scores.interval.high
    if scores.clusters > 1:
        return scores.difference
    return None


def _change(scores: Scores) -> str:
    if scores.improved + scores.worse == 0:
        return "did not change"
    moved = f"{points(scores.difference)} points"
    if scores.interval is not None:
        return f"{moved} {interval_text(scores)}"
    return f"{moved} in every article" if scores.clusters > 1 else moved
