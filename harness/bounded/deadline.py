"""A deadline for code that is not ours and may never end, in whatever thread it runs.

A signal would come to the main thread alone; an exception can be raised in any. It comes between
two steps of Python, so one step of a library in C has no deadline.
"""

import contextlib
import ctypes
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_PAGE = resource.getpagesize()


class PastDeadlineError(Exception):
    """What a block raises that took longer than it may."""


class _Watch:
    """Raises PastDeadlineError in a thread when that has computed for so long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._thread = threading.get_ident()
        self._begun = _computed(self._thread)
        self._lock = threading.Lock()
        self._over = self._raised = False
        self._timer = self._started(seconds)

    def end(self) -> None:
        """Raise nothing any more, also what was raised and has not come yet."""
        with self._lock:
            self._over = True
            self._timer.cancel()
        if self._raised:
            _raise_in(self._thread, None)

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._look)
        timer.daemon = True
        timer.start()
        return timer

    def _look(self) -> None:
        with self._lock:
            if self._over:
                return
            left = self._seconds - (_computed(self._thread) - self._begun)
            if left > 0:  # others had the processor meanwhile
                self._timer = self._started(max(left, 0.01))
                return
            self._raised = True
            _raise_in(self._thread, PastDeadlineError)


def _computed(thread: int) -> float:
    """Return for how many seconds a thread has had a processor; where that is unknown, the time."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic()
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


def _raise_in(thread: int, error: type[Exception] | None) -> None:
    value = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), value)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise PastDeadlineError in the block when its thread has computed for longer."""
    watch = _Watch(seconds)
    try:
        yield
    finally:
        watch.end()


@contextlib.contextmanager
def memory_limit(more: int) -> Iterator[None]:
    """Let the process take no more than so many bytes beside what it has: then MemoryError.

    Where the system does not say what it has (it is no Linux), nothing is limited.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE
        limit = now + more if soft == resource.RLIM_INFINITY else min(soft, now + more)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
