"""The errors a caller may want to catch.

    HarnessError
    ├── UsageError      a command line or a call that cannot be obeyed
    ├── DataError       a suite, article, golden, prompt or roster that cannot be used
    ├── WeightsError    weights that are missing, or not the ones the roster names
    ├── ModelError      a model that cannot do what its roster entry asks
    ├── CostLimitError  a run that stopped before it would pass what it may spend
    ├── MetricError     a text that a metric cannot score honestly, or a broken metric
    └── StoreError      a folder or database of results that cannot be read or written

Every message fits on one line and says what is wrong, where, and what to do.
"""

import difflib
from collections.abc import Sequence


class HarnessError(Exception):
    """Any failure that is the input's or the machine's, not a bug of the harness."""


class UsageError(HarnessError):
    """A command line or a call that cannot be obeyed."""


class DataError(HarnessError):
    """A suite, article, golden, prompt or roster that cannot be used as it is."""


class WeightsError(HarnessError):
    """Weights that are missing, or that are not the ones the roster names."""


class ModelError(HarnessError):
    """A model that cannot do what its roster entry asks of it."""


class CostLimitError(HarnessError):
    """A run that stopped before it would have passed what it may spend; what it has is kept."""


class MetricError(HarnessError):
    """A text that a metric cannot score honestly, or a metric that is broken."""


class StoreError(HarnessError):
    """A folder or a database of results that cannot be read or written."""


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the end of a message: the known names most like the one given, or all of them.

    >>> did_you_mean("lead3", ["lead-3", "lexrank"])
    '; did you mean lead-3?'
    """
    matches = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if matches:
        return f"; did you mean {' or '.join(matches)}?"
    return f"; there are {', '.join(known)}" if known else ""
