"""Which suite a command is about: a folder of one's own, one that ships, or a data set."""

from pathlib import Path

from harness.command.data_choice import NOTHING_CHOSEN, DataChoice, refuse_choice
from harness.command.locations import REFERENCES, default_suite, is_data_set, suite_folder
from harness.errors import UsageError
from harness.suite.data_set.suite import read_data_set
from harness.suite.suite import Suite, read_suite


def open_suite(name: str | Path | None = None, choice: DataChoice = NOTHING_CHOSEN) -> Suite:
    """Return the suite of a name (see `harness.command.locations`); of none, what ships.

    `choice` says how a data set is read. Raises DataError for what is no suite, UsageError where a
    package is missing that reads it, for references, and for a choice where there is no data set.
    """
    if name is None:
        name = default_suite()
    if is_data_set(name):
        return read_data_set(str(name), choice)
    refuse_choice(str(name), choice)
    if str(name).startswith(REFERENCES):
        raise UsageError(
            f"--suite {name}: holds references and no articles to ask about; `harness score` holds "
            "outputs against them"
        )
    return read_suite(suite_folder(name))
