"""The frontier, found by hand."""

import pytest

from harness.report.building.frontier import on_frontier


# Cost to the right, quality upwards; by hand: a point is out if another stands left of it or above
# it, and not right of it or below it.
@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], []),
        ([(1, 0.5)], [True]),
        ([(1, 0.2), (2, 0.5), (3, 0.4), (4, 0.9)], [True, True, False, True]),
        ([(1, 0.5), (1, 0.6)], [False, True]),  # as cheap, and better
        ([(1, 0.5), (2, 0.5)], [True, False]),  # as good, and cheaper
        ([(1, 0.5), (1, 0.5)], [True, True]),  # alike
        ([(3, 0.1), (2, 0.2), (1, 0.3)], [False, False, True]),  # one is best in both
        ([(0, 0.0), (5, 1.0)], [True, True]),
    ],
)
def test_what_no_other_makes_needless(
    points: list[tuple[float, float]], expected: list[bool]
) -> None:
    assert on_frontier(points) == expected
