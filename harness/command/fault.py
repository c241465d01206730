"""What nobody foresaw: told on one line, with its traceback in a file."""

import errno
import tempfile
import traceback

# What a machine lacks, or forbids, wherever it shows.
_OF_THE_MACHINE = (
    errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENAMETOOLONG,
    errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EPERM, errno.EROFS,
)  # fmt: skip
KEPT = "what was predicted is kept"


def machine_failure(error: BaseException) -> str | None:
    """Return the line for what this machine lacks, `None` for any other failure."""
    if isinstance(error, MemoryError):
        return f"memory ran out; {KEPT}, so give it more memory or fewer examples and run again"
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        where = f"{error.filename}: " if error.filename else ""
        more = "; raise `ulimit -n`" if error.errno in (errno.EMFILE, errno.ENFILE) else ""
        return f"{where}{error.strerror}{more}; {KEPT}, run again to go on"
    return None


def fault_text(error: BaseException) -> str:
    """Return the line for a fault of ours, having written its traceback to a file.

    Where no file can be written, the traceback stands below the line.
    """
    name = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    trace = "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace")
    line = f"a fault of the harness, not of yours: {name}"
    try:
        with tempfile.NamedTemporaryFile(
            prefix="golden-harness-fault-", suffix=".txt", delete=False
        ) as file:
            file.write(trace)
    except OSError:
        return f"{line}; {KEPT}\n{trace.decode()}"
    return f"{line}; its traceback, to report it with, is in {file.name}; {KEPT}"
