"""stdout and stderr, whatever stands behind them: a full disk, a closed pipe, nothing at all.

A result that cannot be written is an error. Progress that cannot be written is dropped: it ends no
run.
"""

import contextlib
import io
import os
import select
import sys
from typing import Any

from harness.errors import StoreError

_STDIN, _STDOUT, _STDERR = 0, 1, 2


def guard_streams() -> None:
    """Put stdout and stderr of this process behind writers that do as the module says.

    Where one is closed, a file that is opened later would get its number, and what a library prints
    would go into it: so each number is taken by the null device.
    """
    for number, flags in ((_STDIN, os.O_RDONLY), (_STDOUT, os.O_RDONLY), (_STDERR, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:  # the lowest number that is free is the one that is opened
            os.open(os.devnull, flags)  # stdout cannot be written to, and says so
    sys.stdout = _text(_Result(_STDOUT, "w", closefd=False), sys.stdout)
    sys.stderr = _text(_Progress(_STDERR, "w", closefd=False), sys.stderr)


def end_of_output() -> None:
    """Write what stdout still holds; raise StoreError if it cannot be."""
    sys.stdout.flush()


def forget_output() -> None:
    """Let what stdout still holds go nowhere, so that no one tries to write it again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _text(raw: io.FileIO, old: object) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(old, "encoding", None) or "utf-8",
        errors="backslashreplace",  # an article has letters that not all have
        line_buffering=isinstance(raw, _Progress) or raw.isatty(),
    )


class _Result(io.FileIO):
    """What holds the result: a write that fails is the command's failure."""

    def write(self, data: Any, /) -> int:
        try:
            while (written := super().write(data)) is None:  # who reads is slow, and is waited for
                select.select([], [self], [])
        except BrokenPipeError:  # who reads has read enough
            raise
        except OSError as error:
            raise StoreError(f"stdout cannot be written: {error.strerror}") from None
        return written


class _Progress(io.FileIO):
    """What says how far a command is: what cannot be written is dropped."""

    def write(self, data: Any, /) -> int:
        written: int | None = None
        with contextlib.suppress(OSError):
            written = super().write(data)
        return memoryview(data).nbytes if written is None else written
