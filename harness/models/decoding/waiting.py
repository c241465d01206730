"""What waits for room, and how much of it requests need."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from harness.models.decoding.row import Request

Item = TypeVar("Item")


class Waiting(Generic[Item]):
    """Items that have not begun; they are made when they are looked at."""

    def __init__(self, items: Iterator[Item]) -> None:
        """Look at none yet."""
        self._items = items
        self._next: deque[Item] = deque()

    def __bool__(self) -> bool:
        """Whether there is another."""
        if not self._next:
            self._next.extend(item for item in [next(self._items, None)] if item is not None)
        return bool(self._next)

    @property
    def first(self) -> Item:
        """The next one, once it is known that there is one."""
        return self._next[0]

    def take(self) -> Item:
        """Return the next one, which waits no more."""
        return self._next.popleft()

    def put_back(self, items: Sequence[Item]) -> None:
        """Let items wait again, before all others."""
        self._next.extendleft(reversed(items))


def cost_of(requests: Sequence[Request]) -> int:
    """Return of how many tokens there are keys and values, when replies are full."""
    prefixes = {request.prefix for request in requests}
    return sum(map(len, prefixes)) + sum(
        len(request.suffix) + request.max_new_tokens for request in requests
    )
