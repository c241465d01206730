"""Pairwise accuracy with calibrated ties, by hand and as the authors' own code tests it."""

from itertools import combinations

import numpy as np
import pytest

from harness.agreement.correlations.draws import draw
from harness.agreement.correlations.layout import layout_of
from harness.agreement.correlations.ties import PairAccuracy, pair_accuracy
from harness.agreement.correlations.weighted import Floats
from tests.agreement.made import grid, judgment


def _accuracy(measure: list[float], people: list[float], articles: int = 1) -> PairAccuracy:
    layout = grid(articles=articles, systems=len(measure) // articles)
    return pair_accuracy(
        layout,
        np.array(measure, dtype=np.float64),
        np.array(people, dtype=np.float64),
        draw(layout, 20),
    )


@pytest.mark.parametrize(
    ("people", "threshold", "accuracy", "uncalibrated"),
    [
        # No tie of people's: every tie is wrong.
        ([1, 2, 3, 4], 0, 6 / 6, 6 / 6),
        # People tie (0, 2), (0, 6), (2, 6) and prefer 8. Differences up to 4 as ties: (0, 2) and
        # (2, 6) right as ties, (0, 6) wrong as an order, (6, 8) wrong as a tie, (0, 8) and (2, 8)
        # right as orders: 4 of 6.
        ([1, 1, 1, 4], 4, 4 / 6, 3 / 6),
    ],
)
def test_what_the_authors_test_their_code_by(
    people: list[float], threshold: float, accuracy: float, uncalibrated: float
) -> None:
    """google-research/mt-metrics-eval, tau_optimization_test.py; checked by hand too."""
    found = _accuracy([0, 2, 6, 8], people)
    assert found.threshold == threshold
    assert found.value == pytest.approx(accuracy)
    assert found.uncalibrated == pytest.approx(uncalibrated)
    assert (found.pairs, found.groups) == (6, 1)


def test_texts_that_a_group_lacks_and_groups_of_one() -> None:
    """The authors' regression example: `None` is no text, and the last rows have no pair.

    Counted by hand at a threshold of 1, the four rows have 6 of 10, 2 of 6, 2 of 10 and 5 of 6
    pairs right: a mean of 0.49166..., as they print.
    """
    measure: list[list[float | None]] = [
        [0, 5, 2, 3, 2],
        [None, 2, 1, 5, 3],
        [9, 1, 5, 3, 8],
        [9, 3, 4, 4, 1],
    ]
    people: list[list[float | None]] = [
        [1, 5, 2, 1, 1],
        [4, 2, 2, 1, 4],
        [5, 9, 2, 8, 7],
        [7, 6, None, 3, 2],
    ]
    texts = [
        (f"a{a}", float(m), float(h))
        for a in range(4)
        for m, h in zip(measure[a], people[a], strict=True)
        if m is not None and h is not None
    ]
    texts.append(("alone", 1.0, 1.0))
    layout = layout_of([judgment(article, None, {}) for article, _, _ in texts])
    said, scores = (np.array([text[i] for text in texts]) for i in (1, 2))
    found = pair_accuracy(layout, said, scores, draw(layout, 20))
    assert found.threshold == 1
    assert found.value == pytest.approx(0.4916666666666668)
    assert found.uncalibrated == pytest.approx(0.4666666666666667)


def _by_definition(measure: Floats, people: Floats, threshold: float) -> float:
    """Return the share of right pairs of one group: both tie, or both prefer the same."""
    right = []
    for i, j in combinations(range(len(measure)), 2):
        difference = measure[i] - measure[j]
        said = 0 if abs(difference) <= threshold else np.sign(difference)
        right.append(said == np.sign(people[i] - people[j]))
    return float(np.mean(right))


def test_no_threshold_is_better_by_the_definition() -> None:
    rng = np.random.default_rng(5)
    measure = rng.integers(0, 20, 24) / 7
    people = rng.integers(0, 3, 24).astype(np.float64)
    layout = grid(articles=3, systems=8)
    found = pair_accuracy(layout, measure, people, draw(layout, 20))
    sizes = {abs(a - b) for a, b in combinations(measure, 2)} | {0.0}
    means = {
        size: np.mean(
            [
                _by_definition(measure[8 * g : 8 * g + 8], people[8 * g : 8 * g + 8], size)
                for g in range(3)
            ]
        )
        for size in sizes
    }
    assert found.value == pytest.approx(max(means.values()))
    assert found.uncalibrated == pytest.approx(means[0.0])
    assert found.threshold is not None
    assert means[found.threshold] == pytest.approx(found.value)


def test_where_nothing_competes_all_texts_are_one_group() -> None:
    layout = layout_of([judgment(f"a{a}", "s", {}) for a in range(4)])
    measure, people = np.array([0.0, 2, 6, 8]), np.array([1.0, 1, 1, 4])
    found = pair_accuracy(layout, measure, people, draw(layout, 200))
    assert found.value == pytest.approx(4 / 6)
    assert (found.pairs, found.groups) == (6, 1)
    assert found.interval is not None
    assert 0 <= found.interval.low <= 4 / 6 <= found.interval.high <= 1


def test_pairs_that_people_call_alike_throughout_have_no_order_to_find() -> None:
    found = _accuracy([0, 1, 0, 1], [3, 3, 3, 3])
    assert (found.value, found.pairs) == (None, 0)
