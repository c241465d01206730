"""What dispatch asks of a cluster: places for workers, workers, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from harness.records import Query
from harness.run.engines.engine import Needs
from harness.run.predict import Turn

# started: it is of this version; a `value` says why not, and then it is of no use.
# loaded: the model is; `value` is where it computes.
# refused: what it has is not the model of the run; `value` says how it differs.
# unloadable: the model is the same, and cannot be loaded; `value` is why, as a prediction keeps it.
# made: some predictions; `value` has the places of their queries, and what the store writes.
# done: the oldest of its batches is.
# died: its model's process ended; `value` says how. Its batches are lost, and the worker is not.
# lost: it is gone itself; `value` says how, or is `None` where its node is gone too.
EventKind = Literal["started", "loaded", "refused", "unloadable", "made", "done", "died", "lost"]


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a worker."""

    worker: int
    kind: EventKind
    value: Any = None


class Fleet(Protocol):
    """The workers of a run, known by their numbers. A call of it does not wait."""

    def places(self, needs: Needs) -> Mapping[str, int]:
        """Return how many workers each node that is alive has room for, if it had no other."""

    def node_name(self, node: str) -> str:
        """Return what people call a node."""

    def start(self, node: str, needs: Needs) -> int:
        """Start a worker on a node; "started" or "lost" follows."""

    def load(self, worker: int, turn: Turn) -> None:
        """Give a worker its model; "loaded", "refused", "unloadable", "died" or "lost" follows."""

    def ask(self, worker: int, queries: Sequence[Query]) -> None:
        """Give it a batch behind those that it has; "made" follows, and "done", "died", "lost"."""

    def stop(self, worker: int) -> None:
        """End a worker; nothing follows."""

    def events(self, seconds: float) -> list[Event]:
        """Return what became of workers, and of each of one batch at most, in order.

        Waits so long at most for any.
        """
