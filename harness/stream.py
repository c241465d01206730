"""A sequence that is read anew each time, so that many items never lie in memory together."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


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
        return islice(self._read_from(0), self._length)

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | list[T_co]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            if step < 1:
                raise ValueError("a stream is read forwards; take list() of it first")
            return list(islice(self._read_from(start), 0, max(0, stop - start), step))
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(index)
        return next(self._read_from(position))
