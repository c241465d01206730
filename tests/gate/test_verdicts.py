from typing import Any

import pytest

from harness.compare.changes import Change
from harness.compare.pairs import PairedScores, RowName, RowPair, RunPair
from harness.errors import UsageError
from harness.gate.rules import few_sentence, power_sentence, rule_sentences
from harness.gate.standards import Standards
from harness.gate.text import headline
from harness.gate.verdicts import Gate, judge
from harness.metrics.declaration import SHARE, Declaration
from harness.stats import Interval
from harness.suite.selection import Selection

NAME = RowName("m", "answer", "article")
SECONDS = Declaration(low=0.0, high=float("inf"), direction="lower", role="gated")


def _scores(
    difference: float,
    error: float | None,
    clusters: int = 5,
    base: float = 0.5,
    changed: bool = True,
) -> PairedScores:
    """Return scores of five articles of one size: 4 degrees of freedom, t at 95 % is 2.131847.

    An `error` of `None` is that of one article.
    """
    worse, improved = int(changed and difference <= 0), int(changed and difference > 0)
    spread = error is not None and error > 0
    return PairedScores(
        n=10, clusters=clusters, base=base, head=base + difference, difference=difference,
        standard_error=error, freedom=None if error is None else 4.0,
        interval=Interval(difference - 1, difference + 1, "t") if spread else None,
        simultaneous=None, p=0.5, p_adjusted=0.5, improved=improved, worse=worse,
        equal=10 - worse - improved, losses=(),
    )  # fmt: skip


SAME = _scores(0.0, 0.0, changed=False)
SAME_ARTICLE = _scores(0.0, None, clusters=1, changed=False)


def _row(scores: PairedScores | None, **fields: Any) -> RowPair:
    known: dict[str, Any] = {
        "metric": "f1", "declaration": SHARE, "refused": (), "changes": (), "missing": (),
        "added": (), "failed": (), "recovered": (), "unscored": (), "newly_scored": (),
        "other_outputs": 0, "noun": "article",
    } | fields  # fmt: skip
    return RowPair(name=NAME, role="model", scores=scores, **known)


def _judged(row: RowPair, standards: Standards | None = None) -> Gate:
    return judge(RunPair("base", "head", (row,), (), ()), standards)


@pytest.mark.parametrize(
    ("row", "tolerance", "state", "reason"),
    [
        # 5 -+ 2.131847 * 2 points.
        (_row(_scores(-0.05, 0.02)), 0, "failed", "f1 -5.0 points [-9.3, -0.7]: a loss is shown"),
        # 5 -+ 2.131847 * 3; a true loss of 3.0397 errors is shown with 80 % power: tests/stats.
        (_row(_scores(-0.05, 0.03)), 0, "passed",
         "f1 -5.0 points [-11.4, +1.4]: no loss is shown; 9.1 points could have been shown"),
        (_row(_scores(-0.05, 0.02)), 0.01, "passed",
         "f1 -5.0 points [-9.3, -0.7]: no loss beyond the tolerance of 1 point is shown; 7.1 points "
         "could have been shown"),
        (_row(_scores(-0.05, 0.02)), 0.005, "failed",
         "f1 -5.0 points [-9.3, -0.7]: a loss beyond the tolerance of 0.5 points is shown"),
        # Its 3 points are less than 3.0397 * 1: not even all of them could have been shown.
        (_row(_scores(-0.01, 0.01, base=0.03)), 0, "passed",
         "f1 -1.0 points [-3.1, +1.1]: no loss is shown; no loss of its 3.0 points could have been "
         "shown"),
        (_row(_scores(0.05, 0.02)), 0, "passed",
         "f1 +5.0 points [+0.7, +9.3]: no loss is shown; 6.1 points could have been shown"),
        # -4.27 + 4.263694: one digit would say that the bound is 0.
        (_row(_scores(-0.0427, 0.02)), 0, "failed",
         "f1 -4.27 points [-8.53, -0.01]: a loss is shown"),
        (_row(SAME), 0, "passed", "f1 did not change"),
        (_row(SAME, other_outputs=1), 0, "passed", "f1 did not change, though 1 output differs"),
        (_row(SAME, other_outputs=3), 0, "passed", "f1 did not change, though 3 outputs differ"),
        # All articles moved by the same: the difference stands for its bounds.
        (_row(_scores(-1.0, 0.0)), 0, "failed", "f1 -100.0 points in every article: a loss is shown"),
        (_row(_scores(-0.2, 0.0)), 0.2, "passed",
         "f1 -20.0 points in every article: no loss beyond the tolerance of 20 points is shown"),
        # One article: told, never failed by its score.
        (_row(_scores(-0.5, None, clusters=1)), 0, "told", "f1 -50.0 points: one article is no proof"),
        (_row(SAME_ARTICLE), 0, "passed", "f1 did not change"),
        (_row(SAME_ARTICLE, failed=("a",)), 0, "failed", "failures grew by 1, such as a"),
        (_row(SAME, missing=("a", "b")), 0, "failed", "2 examples are missing, such as a"),
        (_row(SAME, missing=("a",)), 0, "failed", "1 example is missing, such as a"),
        (_row(SAME, failed=("a", "b"), recovered=("c",)), 0, "failed",
         "failures grew by 1, such as a"),
        (_row(SAME, failed=("a",), recovered=("b",)), 0, "passed", "f1 did not change"),
        (_row(SAME, added=("a",)), 0, "passed", "f1 did not change"),
        (_row(None, failed=("a",)), 0, "failed", "failures grew by 1, such as a"),
        (_row(None), 0, "told", "no example was scored in both runs"),
        (_row(None, refused=(Change("data", "suite", "x", "y"),)), 0, "refused",
         "data: suite x -> y"),
        # Lower is better, and no share: a rise is a loss, and nothing is in points.
        (_row(_scores(0.05, 0.02), declaration=SECONDS, metric="wait"), 0, "failed",
         "wait +0.05 [+0.01, +0.09]: a loss is shown"),
        (_row(_scores(-0.5, 0.2), declaration=SECONDS, metric="wait"), 0, "passed",
         "wait -0.5 [-0.9, -0.1]: no loss is shown; 0.6 could have been shown"),
    ],
)  # fmt: skip
def test_regression_fails_where_a_loss_is_shown(
    row: RowPair, tolerance: float, state: str, reason: str
) -> None:
    gate = _judged(row, Standards({row.metric: tolerance}))
    (verdict,) = gate.verdicts
    assert (verdict.state, verdict.reason) == (state, reason)
    assert bool(verdict.causes) == (state == "failed")
    assert gate.exit_code == {"passed": 0, "told": 0, "failed": 1, "refused": 2}[state]


@pytest.mark.parametrize(
    ("row", "margin", "state", "reason"),
    [
        # 1 + 2.131847 * 0.4 points are 1.853.
        (_row(_scores(-0.01, 0.004)), 0.02, "passed",
         "f1 -1.0 points [-1.9, -0.1]: the loss is shown to be below 2 points"),
        (_row(_scores(-0.01, 0.004)), 0.019, "passed",
         "f1 -1.00 points [-1.85, -0.15]: the loss is shown to be below 1.9 points"),
        (_row(_scores(-0.01, 0.004)), 0.0185, "failed",
         "f1 -1.0 points [-1.9, -0.1]: the loss is not shown to be below 1.85 points"),
        (_row(_scores(0.01, 0.02)), 0.02, "failed",
         "f1 +1.0 points [-3.3, +5.3]: the loss is not shown to be below 2 points"),
        (_row(SAME), 0.02, "passed", "f1 did not change: the loss on these examples is 0.0"),
        (_row(SAME, other_outputs=2), 0.02, "passed",
         "f1 did not change, though 2 outputs differ: the loss on these examples is 0.0"),
        (_row(SAME_ARTICLE), 0.02, "passed", "f1 did not change: the loss on these examples is 0.0"),
        (_row(_scores(-0.01, 0.0)), 0.02, "passed",
         "f1 -1.0 points in every article: the loss on these examples is below 2 points"),
        (_row(_scores(-0.02, 0.0)), 0.02, "failed",
         "f1 -2.0 points in every article: the loss on these examples is not below 2 points"),
        (_row(_scores(0.5, None, clusters=1)), 0.02, "failed",
         "f1 +50.0 points: of one article no loss can be shown to be below 2 points"),
        (_row(SAME, missing=("a",)), 0.02, "failed", "1 example is missing, such as a"),
        (_row(None), 0.02, "failed", "no example was scored in both runs"),
        (_row(None, failed=("a",)), 0.02, "failed", "failures grew by 1, such as a"),
        # Lower is better: -0.5 + 2.131847 * 0.2 is a loss of -0.07 at most.
        (_row(_scores(-0.5, 0.2), declaration=SECONDS), 0.1, "passed",
         "f1 -0.5 [-0.9, -0.1]: the loss is shown to be below 0.1"),
        (_row(_scores(0.5, 0.2), declaration=SECONDS), 0.9, "failed",
         "f1 +0.50 [+0.07, +0.93]: the loss is not shown to be below 0.9"),
    ],
)  # fmt: skip
def test_non_inferiority_fails_unless_the_loss_is_shown_to_be_smaller(
    row: RowPair, margin: float, state: str, reason: str
) -> None:
    (verdict,) = _judged(row, Standards(margins={"f1": margin})).verdicts
    assert (verdict.state, verdict.reason) == (state, reason)


def test_both_standards_are_said_with_their_level() -> None:
    rows = (_row(SAME), _row(SAME, metric="exact_match"), _row(SAME, metric="rougeLsum"))
    standards = Standards({"f1": 0.02}, {"exact_match": 0.1})
    gate = judge(RunPair("base", "head", rows, (), ()), standards)
    assert [verdict.standard and verdict.standard.name for verdict in gate.verdicts] == [
        "regression", "non-inferiority", "regression",
    ]  # fmt: skip
    regression, non_inferiority, shown = rule_sentences(gate)
    assert "(f1 2 points)" in regression
    assert "(exact_match 10 points)" in non_inferiority
    assert "one-sided 95 % bound" in shown
    assert "5 % level for each row and metric by itself" in shown


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        # 3.0397 errors: 9.1 points, which is less than a tenth of the range, and 12.2.
        (_row(_scores(-0.01, 0.03)), None),
        (_row(_scores(-0.01, 0.04)), "only from so much on: 12.2 points (m answer, f1)."),
        (_row(_scores(-0.01, 0.01, base=0.03)), "3.0 points of 3.0 that it has (m answer, f1)."),
        (_row(_scores(-0.2, 0.04)), None),  # it failed
        (_row(_scores(0.01, 0.04, base=0.0)), None),  # there is nothing to lose
        (_row(SAME), None),
    ],
)  # fmt: skip
def test_where_passing_says_little_it_is_said(row: RowPair, sentence: str | None) -> None:
    said = power_sentence(_judged(row))
    assert said is None if sentence is None else said is not None and said.endswith(sentence)


def test_a_row_that_the_head_lacks_fails_and_a_new_one_is_told() -> None:
    gone, new = RowName("gone", "answer", "article"), RowName("new", "answer", "event")
    gate = judge(RunPair("base", "head", (), (gone,), (new,)))
    assert [(str(verdict.name), verdict.state) for verdict in gate.verdicts] == [
        ("gone answer", "failed"), ("new answer: event", "told"),
    ]  # fmt: skip
    assert gate.exit_code == 1


def test_a_refusal_outweighs_a_failure() -> None:
    rows = (
        _row(_scores(-0.5, 0.05)),
        _row(None, refused=(Change("metric", "primary", "f1", "x"),)),
    )
    assert judge(RunPair("base", "head", rows, (), ())).exit_code == 2


def test_a_failure_for_what_is_missing_is_called_no_regression() -> None:
    gate = _judged(_row(SAME, missing=("a",)))
    assert gate.verdicts[0].causes == ("missing",)
    assert headline(gate) == "Gate: failed (1 failed)"


@pytest.mark.parametrize(
    ("base", "head", "reason"),
    [
        (Selection(limit=4), Selection(), "data: selection limit 4 -> all"),
        (Selection(), Selection(limit=4), "data: selection all -> limit 4"),
        (Selection(limit=4), Selection(limit=5), "data: selection limit 4 -> limit 5"),
        (Selection(("a/*", "b")), Selection(text="who"),
         "data: selection examples a/* b -> text who"),
    ],
)  # fmt: skip
def test_runs_on_other_examples_are_refused(base: Selection, head: Selection, reason: str) -> None:
    """Whatever is missing, moved or the same on what both have."""
    for row in (
        _row(SAME, missing=("a",)),
        _row(SAME, added=("a",)),
        _row(_scores(-0.5, 0.05), missing=("a",)),
    ):
        (verdict,) = judge(RunPair("base", "head", (row,), (), (), base, head)).verdicts
        assert (verdict.state, verdict.reason) == ("refused", reason)
        assert verdict.hint is not None


def test_runs_on_the_same_part_of_a_suite_are_judged() -> None:
    """Also where a limit leaves out nothing."""
    limited = Selection(limit=4)
    for base, head in ((limited, limited), (limited, Selection()), (Selection(), limited)):
        gate = judge(RunPair("base", "head", (_row(SAME),), (), (), base, head))
        assert gate.exit_code == 0
    missing = (_row(SAME, missing=("a",)),)
    assert judge(RunPair("base", "head", missing, (), (), limited, limited)).exit_code == 1


def test_a_metric_is_held_to_one_standard() -> None:
    with pytest.raises(UsageError, match="f1 can be held to one standard only"):
        Standards({"f1": 0.1}, {"f1": 0.1})


@pytest.mark.parametrize(
    ("row", "margin", "said"),
    [
        (_row(_scores(-0.01, 0.004), other_outputs=3), 0.02, True),
        (_row(SAME, other_outputs=3), 0.02, True),
        (_row(SAME), 0.02, False),  # it is the same, text by text
        (_row(_scores(-0.01, 0.004, clusters=10), other_outputs=3), 0.02, False),
        (_row(_scores(-0.01, 0.004), other_outputs=3), 0.01, False),  # it failed
    ],
)
def test_non_inferiority_on_few_articles_says_what_it_leans_on(
    row: RowPair, margin: float, said: bool
) -> None:
    assert (few_sentence(_judged(row, Standards(margins={"f1": margin}))) is not None) == said
    assert few_sentence(_judged(row)) is None
