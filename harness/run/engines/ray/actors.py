"""A fleet of Ray actors, one a worker, each on the node that it was started for."""

import contextlib
import itertools
import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from harness.records import Query
from harness.run.engines.engine import Needs
from harness.run.engines.ray.fleet import Event
from harness.run.engines.ray.worker import Worker, version
from harness.run.predict import Turn

# What Ray says of an actor whose node is gone (ActorDiedErrorContext, in gcs_actor_manager).
_NODE_DIED = "its node has died"


class Actors:
    """The workers of a run on the cluster that this process is connected to."""

    def __init__(self) -> None:
        """Take the nodes that are there."""
        self._version = version()
        self._numbers = itertools.count()
        self._actors: dict[int, Any] = {}
        self._nodes: dict[int, str] = {}
        self._names: dict[str, str] = {}
        self._content: tuple[Turn | None, bytes] = None, b""
        # What is under way of each worker, in order: references, and of a batch a generator.
        self._under_way: dict[int, list[Any]] = {}
        self._workers: dict[Any, int] = {}
        self.processes: set[int] = set()

    def places(self, needs: Needs) -> Mapping[str, int]:
        """Return how many workers each node that is alive has room for, if it had no other."""
        places = {}
        for node in ray.nodes():
            if node["Alive"]:
                has = node["Resources"]
                self._names[node["NodeID"]] = node["NodeManagerHostname"] or node["NodeID"]
                rooms = [
                    has.get(name, 0.0) / amount
                    for name, amount in _amounts(needs).items()
                    if amount
                ]
                places[node["NodeID"]] = int(min(rooms) + 1e-9)
        return {node: count for node, count in places.items() if count}

    def node_name(self, node: str) -> str:
        """Return the name of a node's machine, with the beginning of its number in the cluster."""
        return f"{self._names.get(node, '')} (node {node[:8]})".lstrip()

    def start(self, node: str, needs: Needs) -> int:
        """Start a worker; "started" or "lost" follows."""
        number = next(self._numbers)
        actor_class: Any = ray.remote(Worker)
        actor = actor_class.options(
            num_cpus=needs.cpus,
            num_gpus=needs.gpus,
            memory=needs.memory,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
        ).remote(max(1, int(needs.cpus)), 0 if needs.gpus else needs.memory or 0)
        self._actors[number], self._nodes[number] = actor, node
        self._under_way[number] = []
        self._begin(number, actor.hello.remote())
        return number

    def load(self, worker: int, turn: Turn) -> None:
        """Give a worker its model; what comes of that follows."""
        if self._content[0] is not turn:
            self._content = turn, pickle.dumps(turn.model.fresh())
        load = self._actors[worker].load
        self._begin(worker, load.remote(self._content[1], turn.task, dict(turn.identity)))

    def ask(self, worker: int, queries: Sequence[Query]) -> None:
        """Give it a batch behind those that it has; what comes of that follows."""
        method = self._actors[worker].ask.options(num_returns="streaming")
        self._begin(worker, method.remote([astuple(query) for query in queries]))

    def stop(self, worker: int) -> None:
        """End a worker; nothing follows."""
        self._forget(worker)
        with contextlib.suppress(RayError):
            ray.kill(self._actors.pop(worker))

    def events(self, seconds: float) -> list[Event]:
        """Return what became of workers; wait so long at most for the first."""
        # Of each worker the oldest: what is behind it comes after it.
        oldest = [refs[0] for refs in self._under_way.values() if refs]
        if not oldest:
            time.sleep(seconds)
            return []
        ready, _ = ray.wait(oldest, num_returns=1, timeout=seconds)
        if ready and len(oldest) > 1:
            ready, _ = ray.wait(oldest, num_returns=len(oldest), timeout=0)
        return [event for reference in ready for event in self._events_of(reference)]

    def _events_of(self, reference: Any) -> Iterator[Event]:
        worker = self._workers[reference]
        is_batch = isinstance(reference, ray.ObjectRefGenerator)
        try:
            said = ray.get(next(reference) if is_batch else reference)
        except StopIteration:
            self._end(worker, reference)
            yield Event(worker, "done")
            return
        except RayError as error:
            self._forget(worker)
            self._actors.pop(worker, None)
            yield Event(worker, "lost", self._reason(worker, error))
            return
        if not is_batch:
            self._end(worker, reference)
        if isinstance(said, dict):
            self.processes.add(said["pid"])
            self._names[self._nodes[worker]] = said["node"]
            yield Event(worker, "started", self._refusal(said))
            return
        kind, value = said
        if kind == "died":  # so did what is behind it
            self._forget(worker)
            self._under_way[worker] = []
        yield Event(worker, kind, value)

    def _refusal(self, said: Mapping[str, object]) -> str | None:
        """Return in what a worker's harness is another than this one."""
        unlike = [
            f"{name} {said.get(name)} there and {ours} here"
            for name, ours in self._version.items()
            if said.get(name) != ours
        ]
        if not unlike:
            return None
        return f"its harness is another ({'; '.join(unlike)}); install this one there"

    def _reason(self, worker: int, error: RayError) -> str | None:
        """Return how a worker ended; `None` if its node ended, of which no example is to blame."""
        alive = {node["NodeID"] for node in ray.nodes() if node["Alive"]}
        text = " ".join(str(error).split())
        if self._nodes[worker] not in alive or _NODE_DIED in text:
            return None
        if not isinstance(error, RayActorError):
            return text[-300:]
        return text.partition("Worker exit type:")[2].strip()[:200] or text[-300:]

    def _begin(self, worker: int, reference: Any) -> None:
        self._under_way[worker].append(reference)
        self._workers[reference] = worker

    def _end(self, worker: int, reference: Any) -> None:
        self._under_way[worker].remove(reference)
        del self._workers[reference]

    def _forget(self, worker: int) -> None:
        for reference in self._under_way.pop(worker, ()):
            del self._workers[reference]


def _amounts(needs: Needs) -> dict[str, float]:
    return {"CPU": needs.cpus, "GPU": needs.gpus, "memory": float(needs.memory or 0)}
