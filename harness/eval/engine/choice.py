"""Where a run's predictions are made, by the options of `harness eval`."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.models.roster.roster import Entry
from harness.run.engines.engine import Engine
from harness.run.engines.local import LOCAL

# Seconds to wait for a worker when none is left.
WAIT = 600.0


@dataclass(frozen=True)
class EngineChoice:
    """The workers of a Ray cluster: which cluster, how many, how long one is waited for.

    `address` is "auto" or HOST:PORT; without one the run has a cluster of its own. Without a number
    there are as many workers as there is room for.
    """

    address: str | None = None
    workers: int | None = None
    wait: float = WAIT


@contextlib.contextmanager
def opened_engine(choice: EngineChoice | None, entries: Sequence[Entry]) -> Iterator[Engine]:
    """Give a block what makes the predictions of some entries: this process without a choice.

    Raises UsageError for a cluster that cannot be used.
    """
    if choice is None:
        yield LOCAL
        return
    from harness.run.engines.ray.engine import opened

    with opened(entries, choice.address, choice.workers, choice.wait) as engine:
        yield engine
