"""Clusters by number: in the order of their names, as Python sorts texts."""

from array import array

from harness.leaderboard.ranking.cluster_numbers import ClusterNumbers


def test_numbers_are_in_the_order_of_names_whatever_the_order_they_came_in() -> None:
    names = ["b", "Ärger", "a", "b", "ｚ", "\U0001f600", "", "\ud800", "a"]
    numbers = ClusterNumbers()
    hashes = array("q", [numbers.add(name) for name in names])
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    assert numbers.of(hashes).tolist() == [places[name] for name in names]


def test_many_names_are_numbered_as_few_are_and_anew_once_there_are_more() -> None:
    names = [f"article {(7 * number) % 10_007}" for number in range(10_007)]
    numbers = ClusterNumbers()
    hashes = array("q", [numbers.add(name) for name in names])
    places = {name: place for place, name in enumerate(sorted(names))}
    assert numbers.of(hashes).tolist() == [places[name] for name in names]
    first = numbers.add("aardvark")
    assert numbers.of(array("q", [first])).tolist() == [0]
    assert numbers.of(hashes).tolist() == [1 + places[name] for name in names]
