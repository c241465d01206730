"""What every engine is: it carries, and decides nothing of what is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.environment import thread_count
from harness.models.roster.roster import Entry
from harness.run.predict import Turn


@dataclass(frozen=True, slots=True)
class Needs:
    """What a worker is given: cores, GPUs or shares of one, and bytes if they are limited."""

    cpus: float = 1.0
    gpus: float = 0.0
    memory: int | None = None


@dataclass(frozen=True)
class Job:
    """A turn that is to be made, of which model, and what a worker needs for it.

    `size` is what the model's weights take, in bytes: how long a turn is.
    """

    name: str
    turn: Turn
    needs: Needs = Needs()
    size: int = 0


Tell = Callable[[str], None]


def untold(words: str) -> None:
    """Tell nobody."""


class Engine(Protocol):
    """Makes what is left of turns, and has each prediction kept as it comes."""

    together: bool
    """Whether it takes the turns of several models at once, rather than one after the other."""

    def carry(self, jobs: Sequence[Job], tell: Tell = untold) -> None:
        """Make what is left of the turns. What was kept stays, whatever is raised.

        `tell` is called with a few words on who is at it, whenever that changes.
        """


def needs_of(entry: Entry) -> Needs:
    """Return what a worker needs for an entry: by its `resources`, or as it would have here."""
    told = entry.resources
    device = entry.model.identity(entry.tasks[0]).get("device")
    gpus = float(device == "cuda") if told is None or told.gpus is None else told.gpus
    cpus = float(1 if gpus else thread_count()) if told is None or told.cpus is None else told.cpus
    return Needs(cpus, gpus, told.memory if told else None)


def job_of(entry: Entry, turn: Turn) -> Job:
    """Return the job of an entry's turn."""
    checkpoint = entry.model.checkpoint
    return Job(entry.name, turn, needs_of(entry), (checkpoint.size() or 0) if checkpoint else 0)
