"""Streams that are read by places, one after the other."""

from collections.abc import Iterator

from harness.stream import Reader, Stream


def test_a_stream_is_opened_once_for_places_in_a_row() -> None:
    opened = []

    def read(start: int) -> Iterator[int]:
        opened.append(start)
        return iter(range(100 * start, 1_000, 100))

    reader = Reader(Stream(10, read))
    assert [reader.at(place) for place in (2, 3, 3, 4)] == [200, 300, 300, 400]
    assert opened == [2]
    assert [reader.at(place) for place in (8, 9, 1)] == [800, 900, 100]
    assert opened == [2, 8, 1]


def test_a_list_is_read_by_its_places() -> None:
    reader = Reader(["a", "b"])
    assert (reader.at(1), reader.at(0)) == ("b", "a")


def test_a_stream_ends_where_its_length_says() -> None:
    stream = Stream(3, lambda start: iter(range(start, 10)))
    assert list(stream) == [0, 1, 2]
    assert list(stream.read_from(2)) == [2]
    assert stream[1:] == [1, 2]
