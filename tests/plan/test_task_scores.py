import numpy as np
import pytest

from harness.plan.task_scores import TaskScores

# Three articles of two questions each. "a" and "b" differ by article in 1, 0 and 0.5 on average.
ARTICLES = np.array([0, 0, 1, 1, 2, 2])
A = [1.0, 1.0, 0.0, 1.0, 1.0, 0.5]
B = [0.0, 0.0, 0.0, 1.0, 0.5, 0.0]
NAN = float("nan")


def _scores(rows: dict[str, list[float]], floors: frozenset[str] = frozenset()) -> TaskScores:
    names = sorted(rows)
    return TaskScores(
        names,
        frozenset(names.index(name) for name in floors),
        np.array([rows[name] for name in names]),
        ARTICLES,
    )


def test_the_pairs_are_those_that_the_table_adjusts_for() -> None:
    """Two models and two floors: six pairs, of which the floors' own is none of the family."""
    rows = {"a": A, "b": B, "lead": B[::-1], "random": A[::-1]}
    spread = _scores(rows, frozenset({"lead", "random"})).spread_of((0, 1))
    assert spread.pairs == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]
    assert spread.planned == 0
    assert spread.sizes.tolist() == [2, 2, 2]


def test_where_there_are_floors_alone_they_are_planned_for() -> None:
    scores = _scores({"lead": A, "random": B}, frozenset({"lead", "random"}))
    assert scores.median_pair() == (0, 1)
    assert scores.spread_of((0, 1)).pairs == [(0, 1)]


def test_a_prediction_that_failed_leaves_one_example_out() -> None:
    """Differences 1, 1, 0, 0.5, 0.5: a mean of 0.6; the sum of their squares about it is 0.7.

    Between articles 2 * 0.4^2 + 0.6^2 + 2 * 0.1^2 = 0.7, so that there is no variance within.
    """
    scores = _scores({"a": [*A[:3], NAN, *A[4:]], "b": B})
    spread = scores.spread_of((0, 1))
    assert spread.sizes.tolist() == [2, 1, 2]
    assert spread.components.per_cluster == pytest.approx(5 / 3)
    assert spread.components.correlation == pytest.approx(1)


def test_a_row_that_lacks_an_article_is_not_in_the_family() -> None:
    scores = _scores({"a": A, "b": B, "c": [NAN, NAN, 1.0, 0.0, 0.0, 1.0]})
    assert scores.spread_of((0, 1)).pairs == [(0, 1)]
    assert len(scores.spread_of((0, 1)).factor) == 2


def test_rows_that_share_no_example_are_no_pair() -> None:
    scores = _scores({"a": [*A[:3], NAN, NAN, NAN], "b": [NAN, NAN, NAN, *B[3:]]})
    assert scores.median_pair() is None
