"""Requests that wait for room, and how much of it they need."""

from collections import deque
from collections.abc import Iterator, Sequence

from harness.models.decoding.row import Request


class Waiting:
    """Requests that have not begun; they are made when they are looked at."""

    def __init__(self, requests: Iterator[Request]) -> None:
        """Look at none yet."""
        self._requests = requests
        self._next: deque[Request] = deque()

    def __bool__(self) -> bool:
        """Whether there is another."""
        if not self._next:
            self._next.extend(request for request in [next(self._requests, None)] if request)
        return bool(self._next)

    @property
    def first(self) -> Request:
        """The next one, once it is known that there is one."""
        return self._next[0]

    def take(self) -> Request:
        """Return the next one, which waits no more."""
        return self._next.popleft()

    def put_back(self, requests: Sequence[Request]) -> None:
        """Let requests wait again, before all others."""
        self._next.extendleft(reversed(requests))


def cost_of(requests: Sequence[Request]) -> int:
    """Return of how many tokens there are keys and values, when replies are full."""
    prefixes = {request.prefix for request in requests}
    return sum(map(len, prefixes)) + sum(
        len(request.suffix) + request.max_new_tokens for request in requests
    )
