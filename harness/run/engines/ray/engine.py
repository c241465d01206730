"""The engine that carries to the workers of a Ray cluster."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.models.roster.roster import Entry
from harness.run.engines.engine import Job, Tell, needs_of, untold
from harness.run.engines.ray.cluster import connected
from harness.run.engines.ray.dispatch import Dispatch
from harness.run.engines.ray.fleet import Fleet


@dataclass
class RayEngine:
    """Makes turns on the workers of the cluster that this process is connected to.

    `workers` is how many there are to be, as many as there is room for if it is `None`; `wait` how
    many seconds to wait for one when none is left.
    """

    fleet: Fleet
    workers: int | None
    wait: float
    together = True

    def carry(self, jobs: Sequence[Job], tell: Tell = untold) -> None:
        """Make what is left of the turns. Raises WorkersError, and StoreError."""
        Dispatch(self.fleet, jobs, wait=self.wait, most=self.workers, tell=tell).run()


@contextlib.contextmanager
def opened(
    entries: Sequence[Entry], address: str | None, workers: int | None, wait: float
) -> Iterator[RayEngine]:
    """Give a block an engine for the models of some entries; see `connected` for the address.

    Raises UsageError for more workers than the cluster has room for.
    """
    keys = (getattr(entry.model, "api_key_env", None) for entry in entries)
    with connected(address, [key for key in keys if key]):
        from harness.run.engines.ray.actors import Actors

        fleet = Actors()
        for entry in entries:
            if not entry.model.served:
                _refuse_too_many(entry, fleet, workers)
        yield RayEngine(fleet, workers, wait)


def _refuse_too_many(entry: Entry, fleet: Fleet, workers: int | None) -> None:
    needs = needs_of(entry)
    room = sum(fleet.places(needs).values())
    if room >= (workers or 1):
        return
    memory = f", {needs.memory:,} bytes of memory" if needs.memory else ""
    raise UsageError(
        f"{f'--workers {workers}' if workers else '--engine ray'}: the cluster has room for {room} "
        f"of {entry.name}'s, each with {needs.cpus:g} CPUs, {needs.gpus:g} GPUs{memory}; ask "
        "for fewer, or for less in the entry's `resources`"
    )
