"""Which suite a command is about: a folder of one's own, one that ships, or a data set."""

from pathlib import Path

from harness.command.locations import DATA_SET, REFERENCES, default_suite, suite_folder
from harness.errors import UsageError
from harness.suite.squad.suite import read_squad
from harness.suite.suite import Suite, read_suite


def open_suite(name: str | Path | None = None) -> Suite:
    """Return the suite of a name (see `harness.command.locations`); of none, what ships.

    Raises DataError for what is no suite, UsageError where a package is missing that reads it, and
    for references.
    """
    if name is None:
        name = default_suite()
    if str(name).startswith(DATA_SET):
        return read_squad(str(name))
    if str(name).startswith(REFERENCES):
        raise UsageError(
            f"--suite {name}: holds references and no articles to ask about; `harness score` holds "
            "outputs against them"
        )
    return read_suite(suite_folder(name))
