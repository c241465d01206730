"""Places of names."""

from harness.leaderboard.positions import ABSENT, Positions


def test_places_are_found_in_any_order() -> None:
    names = [f"title {number % 7}/q{number}" for number in range(1_000)]
    positions = Positions(names)
    assert len(positions) == 1_000
    assert positions.of(reversed(names)).tolist() == list(range(999, -1, -1))
    assert positions.of(["title 0/q1", "title 1/q1", ""]).tolist() == [ABSENT, 1, ABSENT]


def test_of_two_that_are_alike_the_later_counts() -> None:
    assert Positions(["a", "b", "a"]).of(["a", "b"]).tolist() == [2, 1]


def test_of_nothing_all_are_absent() -> None:
    assert Positions([]).of(["a", "b"]).tolist() == [ABSENT, ABSENT]
    assert Positions(["a"]).of([]).tolist() == []
