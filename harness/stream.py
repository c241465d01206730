"""A sequence that is read anew each time, so that many items never lie in memory together."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Stream(Sequence[T_co]):
    """A sequence of known length, and how to read it from some item on; it holds no item.

    Going through it in order is what it is made for: each index is a new beginning.

    >>> squares = Stream(4, lambda start: (i * i for i in range(start, 4)))
    >>> list(squares), squares[-1], squares[1:3]
    ([0, 1, 4, 9], 9, [1, 4])
    """

    def __init__(self, length: int, read_from: Callable[[int], Iterator[T_co]]) -> None:
        """Take the length, and what yields the items from the one at a place on."""
        self._length = length
        self._read_from = read_from

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T_co]:
        return self.read_from(0)

    def read_from(self, start: int) -> Iterator[T_co]:
        """Yield the items from the one at a place on."""
        return islice(self._read_from(start), self._length - start)

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | list[T_co]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            if step < 1:
                raise ValueError("a stream is read forwards; take list() of it first")
            return list(islice(self.read_from(start), 0, max(0, stop - start), step))
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(index)
        return next(self._read_from(position))


def read_from(items: Sequence[T], start: int) -> Iterator[T]:
    """Yield the items from the one at a place on; of a stream none before it is read.

    >>> list(read_from("abc", 1)), list(read_from(Stream(3, lambda start: iter("abc"[start:])), 2))
    (['b', 'c'], ['c'])
    """
    return items.read_from(start) if isinstance(items, Stream) else islice(items, start, None)


class Reader(Generic[T]):
    """Gives the items of a sequence by their places; one after the other it reads a stream once.

    >>> reader = Reader(Stream(4, lambda start: (i * i for i in range(start, 4))))
    >>> reader.at(1), reader.at(2), reader.at(2), reader.at(0)
    (1, 4, 4, 0)
    """

    def __init__(self, items: Sequence[T]) -> None:
        """Take the items; none is read yet."""
        self._items = items
        self._rest: Iterator[T] = iter(())
        self._last: tuple[int, T] | None = None

    def at(self, place: int) -> T:
        """Return the item at a place, which counts from 0."""
        if not isinstance(self._items, Stream):
            return self._items[place]
        if self._last is None or self._last[0] != place:
            if self._last is None or self._last[0] != place - 1:
                self._rest = self._items.read_from(place)
            self._last = place, next(self._rest)
        return self._last[1]
