from typing import Any

import pytest

from harness.compare.changes import Change
from harness.compare.pairs import PairedScores, RowName, RowPair, RunPair
from harness.errors import UsageError
from harness.gate.verdicts import Gate, judge
from harness.stats import Interval

NAME = RowName("m", "answer", "article")


def _scores(
    difference: float, low: float | None, high: float | None, clusters: int = 5
) -> PairedScores:
    interval = None if low is None or high is None else Interval(low, high, "t")
    worse, improved = int(difference < 0), int(difference > 0)
    return PairedScores(
        n=10, clusters=clusters, base=0.5, head=0.5 + difference, difference=difference,
        interval=interval, simultaneous=None, p=0.5, p_adjusted=0.5, improved=improved, worse=worse, equal=10 - worse - improved,
        losses=(),
    )  # fmt: skip


def _row(scores: PairedScores | None, **fields: Any) -> RowPair:
    known: dict[str, Any] = {
        "refused": (), "changes": (), "missing": (), "added": (), "failed": (), "recovered": (),
    } | fields  # fmt: skip
    return RowPair(name=NAME, role="model", metric="f1", scores=scores, other_outputs=0, **known)


def _judged(row: RowPair, **tolerance: float) -> Gate:
    return judge(RunPair("base", "head", (row,), (), ()), tolerance)


@pytest.mark.parametrize(
    ("row", "tolerance", "state", "reason"),
    [
        (_row(_scores(-0.05, -0.1, -0.01)), 0, "failed", "f1 -5.0 points [-10.0, -1.0]: worse"),
        (_row(_scores(-0.05, -0.1, 0.0)), 0, "passed", "f1 -5.0 points [-10.0, 0.0]"),
        (_row(_scores(-0.05, -0.1, 0.01)), 0, "passed", "f1 -5.0 points [-10.0, +1.0]"),
        (_row(_scores(-0.05, -0.1, -0.01)), 0.01, "passed", "f1 -5.0 points [-10.0, -1.0]"),
        (_row(_scores(-0.05, -0.1, -0.01)), 0.005, "failed",
         "f1 -5.0 points [-10.0, -1.0]: worse, beyond the tolerance of 0.5"),
        (_row(_scores(0.05, 0.01, 0.1)), 0, "passed", "f1 +5.0 points [+1.0, +10.0]"),
        (_row(_scores(0, 0, 0)), 0, "passed", "f1 did not change"),
        # All articles moved by the same: the difference stands for the interval.
        (_row(_scores(-1.0, None, None)), 0, "failed",
         "f1 -100.0 points in every article: worse"),
        (_row(_scores(-0.2, None, None)), 0.2, "passed", "f1 -20.0 points in every article"),
        # One article: told, never failed by its score.
        (_row(_scores(-0.5, None, None, clusters=1)), 0, "told",
         "f1 -50.0 points: one article or event is no proof"),
        (_row(_scores(0, 0, 0, clusters=1)), 0, "passed", "f1 did not change"),
        (_row(_scores(0, 0, 0, clusters=1), failed=("a",)), 0, "failed",
         "failures grew by 1, such as a"),
        (_row(_scores(0, 0, 0), missing=("a", "b")), 0, "failed",
         "2 examples are missing, such as a"),
        (_row(_scores(0, 0, 0), failed=("a", "b"), recovered=("c",)), 0, "failed",
         "failures grew by 1, such as a"),
        (_row(_scores(0, 0, 0), failed=("a",), recovered=("b",)), 0, "passed", "f1 did not change"),
        (_row(_scores(0, 0, 0), added=("a",)), 0, "passed", "f1 did not change"),
        (_row(None, failed=("a",)), 0, "failed", "failures grew by 1, such as a"),
        (_row(None), 0, "told", "no example was scored in both runs"),
        (_row(None, refused=(Change("data", "suite", "x", "y"),)), 0, "refused",
         "data: suite x -> y"),
    ],
)  # fmt: skip
def test_the_verdict_on_a_row(row: RowPair, tolerance: float, state: str, reason: str) -> None:
    gate = _judged(row, f1=tolerance)
    (one,) = gate.verdicts
    assert (one.state, one.reason) == (state, reason)
    assert gate.exit_code == {"passed": 0, "told": 0, "failed": 1, "refused": 2}[state]


def test_a_row_that_the_head_lacks_fails_and_a_new_one_is_told() -> None:
    gone, new = RowName("gone", "answer", "article"), RowName("new", "answer", "event")
    gate = judge(RunPair("base", "head", (), (gone,), (new,)))
    assert [(str(one.name), one.state) for one in gate.verdicts] == [
        ("gone answer", "failed"), ("new answer: event", "told"),
    ]  # fmt: skip
    assert gate.exit_code == 1


def test_a_refusal_outweighs_a_failure() -> None:
    rows = (
        _row(_scores(-0.5, -0.6, -0.4)),
        _row(None, refused=(Change("metric", "primary", "f1", "x"),)),
    )
    assert judge(RunPair("base", "head", rows, (), ())).exit_code == 2


def test_a_tolerance_of_no_primary_metric_is_refused() -> None:
    with pytest.raises(UsageError, match="no primary metric 'F1' in these runs; there are f1"):
        _judged(_row(_scores(0, 0, 0)), F1=0.1)
