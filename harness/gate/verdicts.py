"""A verdict on each row of a run: passed, failed, only told, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.compare.pairs import PairedScores, RowName, RowPair, RunPair
from harness.compare.text import interval_text, points
from harness.errors import UsageError, did_you_mean

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

    def with_state(self, state: State) -> list[Verdict]:
        """Return the verdicts of one kind."""
        return [verdict for verdict in self.verdicts if verdict.state == state]

    @property
    def exit_code(self) -> int:
        """2 if a row was refused, else 1 if one failed, else 0."""
        return 2 if self.with_state("refused") else 1 if self.with_state("failed") else 0


def judge(run_pair: RunPair, tolerances: Mapping[str, float] | None = None) -> Gate:
    """Return the gate's verdicts on models, floors and the oracle alike; people predict nothing.

    A row fails if the whole 95 % interval of its primary metric's difference lies below minus the
    tolerance (0 if none is given), if an example is missing, or if failures grew. Where every
    article moved by the very same, there is no interval and the difference stands for it. A row
    on one article or event has no interval: its change is told, and never fails. Floors and the
    oracle are held to the same rule: nothing but their code or the goldens can move them.

    Raises UsageError for a tolerance of what is no primary metric of the runs.
    """
    given = dict(tolerances or {})
    metrics = list(dict.fromkeys(row.metric for row in run_pair.rows))
    for name in given:
        if name not in metrics:
            raise UsageError(
                f"--tolerance: no primary metric {name!r} in these runs"
                f"{did_you_mean(name, metrics)}"
            )
    verdicts = [_verdict(row, given.get(row.metric, 0.0)) for row in run_pair.rows]
    verdicts += [
        Verdict(name, "failed", "the head lacks this row, so all its examples are missing", None)
        for name in run_pair.only_base
    ]
    verdicts += [
        Verdict(name, "told", "new: the baseline has no such row", None)
        for name in run_pair.only_head
    ]
    return Gate(run_pair.base, run_pair.head, given, tuple(verdicts))


def _verdict(row: RowPair, tolerance: float) -> Verdict:
    if row.refused:
        return Verdict(row.name, "refused", "; ".join(map(str, row.refused)), row)
    reasons = _failure_reasons(row)
    scores = row.scores
    if scores is None:
        reasons = reasons or ["no example was scored in both runs"]
        worse = len(row.failed) > len(row.recovered) or row.missing
        return Verdict(row.name, "failed" if worse else "told", "; ".join(reasons), row)
    change = f"{row.metric} {_change_text(scores)}"
    upper = _upper_bound(scores)
    if upper is not None and upper < -tolerance:
        beyond = f", beyond the tolerance of {100 * tolerance:g}" if tolerance else ""
        reasons.insert(0, f"{change}: worse{beyond}")
    if reasons:
        return Verdict(row.name, "failed", "; ".join(reasons), row)
    if upper is None:
        return Verdict(row.name, "told", f"{change}: one article or event is no proof", row)
    return Verdict(row.name, "passed", change, row)


def _failure_reasons(row: RowPair) -> list[str]:
    reasons = []
    if row.missing:
        reasons.append(f"{len(row.missing)} examples are missing, such as {row.missing[0]}")
    if len(row.failed) > len(row.recovered):
        growth = len(row.failed) - len(row.recovered)
        reasons.append(f"failures grew by {growth}, such as {row.failed[0]}")
    return reasons


def _upper_bound(scores: PairedScores) -> float | None:
    """Return the most that the difference may be, `None` where that cannot be told."""
    if scores.interval is not None:
        return scores.interval.high
    if scores.clusters > 1:
        return scores.difference
    return None


def _change_text(scores: PairedScores) -> str:
    if scores.improved + scores.worse == 0:
        return "did not change"
    difference = f"{points(scores.difference)} points"
    if scores.interval is not None:
        return f"{difference} {interval_text(scores)}"
    return f"{difference} in every article" if scores.clusters > 1 else difference
