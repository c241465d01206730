"""Whether repeats or articles would bring more, by hand."""

from pathlib import Path

import numpy as np
import pytest

from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import RepeatsLine
from harness.leaderboard.run_folder import read_run
from harness.plan.repeats import repeats_gain
from harness.plan.task_scores import TaskScores

FROZEN = Path(__file__).parents[1] / "frozen"

# One question on each of four articles: the differences are .1, .3, .5 and .7, their variance
# (.09 + .01 + .01 + .09) / 3 = .2 / 3.
SCORES = TaskScores(
    ["a", "b"],
    frozenset(),
    np.array([[0.3, 0.5, 0.7, 0.9], [0.2, 0.2, 0.2, 0.2]]),
    np.arange(4),
)


def _rows(**within: tuple[int, float | None]) -> list[Row]:
    (row, *_) = (
        row
        for row in read_run(FROZEN).board.rows
        if (row.model, row.task) == ("minilm-qa", "answer")
    )
    return [
        row.model_copy(
            update={
                "model": name,
                "repeats": RepeatsLine(
                    count=count, failed=0, within_variance=variance, between_variance=None
                ),
            }
        )
        for name, (count, variance) in within.items()
    ]


def test_what_ever_more_repeats_leave_is_the_spread_between_articles() -> None:
    """.04 within one model's examples, asked 4 times: .01 of the .2 / 3 comes of repeats.

    So the error falls from sqrt(.2 / 3 / 4) to sqrt((.2 / 3 - .01) / 4), which
    4 * (.2 / 3) / (.2 / 3 - .01) = 4.7, five articles do as well.
    """
    gain = repeats_gain(_rows(a=(4, 0.04)), SCORES, (0, 1))
    assert gain is not None
    assert gain.standard_error == pytest.approx((0.2 / 3 / 4) ** 0.5)
    assert gain.least == pytest.approx(((0.2 / 3 - 0.01) / 4) ** 0.5)
    assert (gain.count, gain.articles) == (4, 5)


def test_two_models_asked_differently_often_leave_what_each_mean_has() -> None:
    """.04 / 4 and .04 / 2 are .03 of the .2 / 3."""
    gain = repeats_gain(_rows(a=(4, 0.04), b=(2, 0.04)), SCORES, (0, 1))
    assert gain is not None
    assert gain.least == pytest.approx(((0.2 / 3 - 0.03) / 4) ** 0.5)


def test_where_all_of_it_comes_of_repeats_no_articles_do_as_much() -> None:
    gain = repeats_gain(_rows(a=(2, 0.4)), SCORES, (0, 1))
    assert gain is not None
    assert (gain.least, gain.articles) == (0.0, None)


def test_models_asked_once_have_nothing_to_tell() -> None:
    assert repeats_gain(_rows(a=(2, None)), SCORES, (0, 1)) is None
    assert repeats_gain(_rows(other=(2, 0.1)), SCORES, (0, 1)) is None
    assert repeats_gain([], SCORES, (0, 1)) is None
