"""Which suite a command is about: a folder of one's own, the one that ships, or a data set."""

from pathlib import Path

from harness.suite.squad.source import PREFIX
from harness.suite.squad.suite import read_squad
from harness.suite.suite import Suite, read_suite


def open_suite(name: str | Path | None) -> Suite:
    """Return the suite in a folder, the shipped one for `None`, or the data set `squad:...`.

    Raises DataError for what is no suite, UsageError where a package is missing that reads it.
    """
    if name is not None and str(name).startswith(PREFIX):
        return read_squad(str(name))
    return read_suite(Path(name) if name is not None else None)
