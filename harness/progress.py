"""What goes to stderr while something runs: bars on a terminal, and lines that stay."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING

from harness.visible import visible_text

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm

_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)


# Is told of a row what its name is, and how many of its predictions there are of how many.
Listener = Callable[[str, int, int], object]
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextlib.contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Tell a function how far a run is, and draw no bars within the block; `None` for nobody."""
    token = _LISTENER.set(listener)
    try:
        with quiet(_QUIET.get() or listener is not None):
            yield
    finally:
        _LISTENER.reset(token)


def tell(name: str, done: int, total: int) -> None:
    """Tell whoever listens how far a row is."""
    if listener := _LISTENER.get():
        listener(name, done, total)


@contextlib.contextmanager
def quiet(on: bool = True) -> Iterator[None]:
    """Show no bars and say nothing but warnings within the block."""
    token = _QUIET.set(on)
    try:
        yield
    finally:
        _QUIET.reset(token)


def progress_bar(total: int | None, description: str, unit: str, done: int = 0) -> "tqdm[NoReturn]":
    """Return a bar that is there while something runs: on a terminal alone, so not in a log.

    Without a total it only counts.
    """
    from tqdm import tqdm

    return tqdm(
        total=total,
        initial=done,
        desc=visible_text(description),
        unit=f" {unit}",
        file=sys.stderr,
        disable=_QUIET.get() or not sys.stderr.isatty(),
        leave=False,
        dynamic_ncols=True,
        mininterval=0.2,
    )


def say(text: str) -> None:
    """Say in a line on stderr what goes on, without a name before it: nothing asks for a look."""
    if not _QUIET.get():
        _write(text)


def note(text: str) -> None:
    """Say something in a line on stderr, above a bar that is there; nothing where it is quiet."""
    if not _QUIET.get():
        _write(f"harness: {text}")


def warn(text: str) -> None:
    """Say in a line on stderr what is wrong, though the command has its result."""
    _write(f"harness: {text}")


def _write(text: str) -> None:
    from tqdm import tqdm

    tqdm.write(visible_text(" ".join(text.split())), file=sys.stderr)
