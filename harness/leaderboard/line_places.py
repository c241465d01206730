"""Where lines stand in a file, without a number held for each of them."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import islice
from typing import BinaryIO, TypeAlias

# Lines that follow each other are a range; 8 bytes are held of each other one.
Places: TypeAlias = "range | array[int]"

_KEPT = 16


def compact(places: Iterable[int]) -> Places:
    """Return places in their order: a range where each follows the one before.

    >>> compact([3, 4, 5]), compact([3, 5])
    (range(3, 6), array('q', [3, 5]))
    """
    none: Places = range(0)
    return places if isinstance(places, range) else reduce(with_place, places, none)


def with_place(places: Places, place: int) -> Places:
    """Return places with one more behind them; an array is the same one, longer."""
    if isinstance(places, range):
        if not places:
            return range(place, place + 1)
        if place == places.stop and places.step == 1:
            return range(places.start, place + 1)
        places = array("q", places)
    places.append(place)
    return places


class LineOffsets:
    """The bytes at which a file's lines begin: kept of every 16th, the others are read past.

    Lines are counted from 0; those without a text are none.
    """

    def __init__(self) -> None:
        """Begin without a line."""
        self._offsets = array("q")
        self._count = 0

    def __len__(self) -> int:
        """Return how many lines there are."""
        return self._count

    def add(self, offset: int) -> None:
        """Take the offset of the next line."""
        if self._count % _KEPT == 0:
            self._offsets.append(offset)
        self._count += 1

    def read(self, file: BinaryIO, places: Sequence[int]) -> Iterator[bytes]:
        """Yield the lines at some places of the file, in the order given."""
        lines = filter(bytes.strip, file)
        following = -_KEPT  # the place of the line that would be read next
        for place in places:
            if not 0 <= place - following < _KEPT:
                following = place - place % _KEPT
                file.seek(self._offsets[place // _KEPT])
            yield next(islice(lines, place - following, None), b"")
            following = place + 1
