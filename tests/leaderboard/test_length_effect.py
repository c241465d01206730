"""How judges' scores go with length: Spearman's correlation, by hand."""

import pytest

from harness.leaderboard.judges.length_effect import length_effect


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(0.1, 5), (0.2, 6), (0.9, 40)], 1.0),  # in one order
        ([(0.9, 5), (0.2, 6), (0.1, 40)], -1.0),
        # By 1 - 6 sum(d^2) / (n (n^2 - 1)): ranks 1 2 3 4 and 2 1 4 3, d^2 sums to 4, so 1 - 24 / 60.
        ([(0.1, 6), (0.2, 5), (0.3, 8), (0.4, 7)], 0.6),
        ([(0.1, 5), (0.2, 6)], None),  # two say nothing
        ([(0.1, 5), (0.1, 6), (0.1, 7)], None),
        ([(0.1, 5), (0.2, 5), (0.3, 5)], None),
    ],
)
def test_scores_and_words(pairs: list[tuple[float, float]], expected: float | None) -> None:
    line = length_effect(pairs)
    assert line.n == len(pairs)
    assert line.spearman == (None if expected is None else pytest.approx(expected))
