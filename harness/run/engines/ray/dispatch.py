"""Which worker is given which batch, and what is done about workers that die: the driver's loop."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import WorkersError
from harness.progress import note, warn
from harness.records import Prediction
from harness.run.engines.engine import Job, Needs, Tell, untold
from harness.run.engines.ray.fleet import Event, Fleet
from harness.run.engines.ray.work import Task, Work

# Batches that a worker has at most: one under way, and one behind it.
_UNDER_WAY = 2
# A worker that was asked for so long ago, in seconds, and has not come, may never come.
_PATIENCE = 60.0
# Seconds after which the nodes are looked at again, and after which waiting is told again.
_LOOK = 5.0
_TELL = 60.0
# Seconds for which what was made waits for more to be kept with: a commit waits for the disk.
_BLINK = 0.05


@dataclass
class _Worker:
    number: int
    node: str
    needs: Needs
    since: float
    ready: bool = False
    work: Work | None = None  # whose model it has, or is loading
    loading: bool = False
    tasks: deque[Task] = field(default_factory=deque)
    place: int = 0  # where it computes: its environment's number

    @property
    def model_of(self) -> Work:
        """The work whose model it has: it was given one before anything can come of it."""
        if self.work is None:
            raise RuntimeError(f"worker {self.number} has no model")
        return self.work


class Dispatch:
    """Makes jobs on a fleet: models one after another, and each batch until it is made or known."""

    def __init__(
        self,
        fleet: Fleet,
        jobs: Sequence[Job],
        *,
        wait: float,
        most: int | None = None,
        tell: Tell = untold,
    ) -> None:
        """Take the jobs; those of large models with much to do are begun with.

        `most` is how many workers there are to be, by default as many as there is room for. With
        none left that can do what is to be done it waits so many seconds. `tell` is told how many
        there are.
        """
        self._fleet, self._wait, self._most, self._tell = fleet, wait, most, tell
        ordered = sorted(jobs, key=lambda job: -job.size * job.turn.left)
        self._works = [Work(number, job) for number, job in enumerate(ordered) if job.turn.left]
        self._workers: dict[int, _Worker] = {}
        self._idle: set[int] = set()
        self._useless: set[str] = set()  # nodes
        self._unfit: set[tuple[str, int]] = set()  # a node, and the number of a work
        self._lost_starts: Counter[str] = Counter()
        self._environments: list[dict[str, object]] = []
        self._unkept: dict[tuple[Work, int], list[tuple[str, str]]] = {}
        self._kept = float("-inf")
        self._looked = self._told = float("-inf")
        self._none_since: float | None = None

    def run(self) -> None:
        """Make everything. Raises WorkersError when none is left, and StoreError."""
        try:
            while self._works:
                self._go_on()
        finally:
            self._keep()
            for number in list(self._workers):
                self._stop(number)

    def _go_on(self) -> None:
        self._staff()
        for number in list(self._idle):
            self._feed(self._workers[number])
        self._look_for_any()
        events = self._fleet.events(_BLINK if self._unkept else 1.0)
        self._take(events)
        for event in events:
            self._handle(event)
        self._works = [work for work in self._works if work.under_way or work.has_more]

    def _take(self, events: Sequence[Event]) -> None:
        """Take what was made, and keep it if nothing was kept for a blink."""
        for event in events:
            worker = self._workers.get(event.worker)
            if event.kind == "made" and worker is not None:
                made = worker.tasks[0].made(event.value)
                self._unkept.setdefault((worker.model_of, worker.place), []).extend(made)
        if time.monotonic() - self._kept > _BLINK:
            self._keep()

    def _keep(self) -> None:
        """Have what was made on the disk: that of a turn, and of a kind of place, at once."""
        unkept, self._unkept = self._unkept, {}
        for (work, place), made in unkept.items():
            work.job.turn.keep(made, self._environments[place])
        self._kept = time.monotonic()

    def _handle(self, event: Event) -> None:
        worker = self._workers.get(event.worker)
        if worker is not None and event.kind != "made":  # else it was stopped
            handle: Callable[[_Worker, Any], None] = getattr(self, f"_{event.kind}")
            handle(worker, event.value)

    # What became of a worker, by the kinds of events.

    def _started(self, worker: _Worker, refusal: str | None) -> None:
        if refusal:
            self._give_up_node(worker.node, refusal)
            return
        worker.ready = True
        self._lost_starts[worker.node] = 0
        self._idle.add(worker.number)
        self._tell_alive()

    def _loaded(self, worker: _Worker, environment: dict[str, object]) -> None:
        if environment not in self._environments:
            self._environments.append(environment)
        worker.loading, worker.place = False, self._environments.index(environment)
        self._feed(worker)

    def _refused(self, worker: _Worker, reason: str) -> None:
        work = self._take_model(worker)
        if (worker.node, work.number) not in self._unfit:
            self._unfit.add((worker.node, work.number))
            name = self._fleet.node_name(worker.node)
            warn(f"{name}: its workers are turned away from {work.job.name}: {reason}")

    def _unloadable(self, worker: _Worker, failure: Prediction) -> None:
        work = self._take_model(worker)
        self._unfit.add((worker.node, work.number))
        nodes = self._fleet.places(work.job.needs).keys() - self._useless
        if all((node, work.number) in self._unfit for node in nodes):
            work.fail(failure)

    def _done(self, worker: _Worker, _: object) -> None:
        work = worker.model_of
        work.under_way -= 1
        work.hand_back(worker.tasks.popleft(), worker.number, None)
        self._feed(worker)

    def _died(self, worker: _Worker, reason: str) -> None:
        self._take_batches(worker, reason)
        loading = worker.loading
        work = self._take_model(worker)
        if loading:
            work.died_loading(reason)

    def _lost(self, worker: _Worker, reason: str | None) -> None:
        name = self._fleet.node_name(worker.node)
        self._take_batches(worker, reason)
        if worker.work is not None and worker.loading and reason is not None:
            worker.work.died_loading(reason)
        self._forget(worker.number)
        self._looked = float("-inf")
        if reason is None:
            note(f"{name} is gone; what its worker had is made elsewhere")
        elif not worker.ready:
            self._lost_starts[worker.node] += 1
            if self._lost_starts[worker.node] > 1:
                self._give_up_node(worker.node, f"none can be started: {reason}")

    def _take_batches(self, worker: _Worker, reason: str | None) -> None:
        """Take a worker's batches; the one that was under way is blamed, if there is a reason."""
        if worker.work is not None:
            for place, task in enumerate(worker.tasks):
                worker.work.under_way -= 1
                worker.work.hand_back(task, worker.number, None if place else reason)
        worker.tasks.clear()

    def _take_model(self, worker: _Worker) -> Work:
        """Have a worker without a model; return the work that it was of."""
        work, worker.work, worker.loading = worker.model_of, None, False
        self._idle.add(worker.number)
        return work

    # Who is given what.

    def _feed(self, worker: _Worker) -> None:
        """Give a worker batches, or another model where its own has no more."""
        self._idle.discard(worker.number)
        if worker.work is not None:
            while len(worker.tasks) < _UNDER_WAY and (task := self._next(worker, worker.work)):
                worker.work.under_way += 1
                worker.tasks.append(task)
                self._fleet.ask(worker.number, task.batch.queries)
        if worker.tasks:
            return
        work = next((work for work in self._works if self._can(worker, work)), None)
        if work is None or work is worker.work:
            self._idle.add(worker.number)
            self._looked = float("-inf")  # another may be wanted in its place
            return
        worker.work, worker.loading = work, True
        self._fleet.load(worker.number, work.job.turn)

    def _next(self, worker: _Worker, work: Work) -> Task | None:
        """Return what a worker is given: what it died of only if no other can be."""
        if not work.has_back or any(
            other is not worker and other.ready and self._fits(other, work)
            for other in self._workers.values()
        ):
            return work.next(worker.number)
        return work.next()

    def _can(self, worker: _Worker, work: Work) -> bool:
        return work.has_more and self._fits(worker, work)

    def _fits(self, worker: _Worker, work: Work) -> bool:
        unfit = (worker.node, work.number) in self._unfit
        return worker.needs == work.job.needs and not unfit

    # How many workers there are.

    def _staff(self) -> None:
        """Start what is lacking for the first job that waits, and end who has nothing to do."""
        if time.monotonic() - self._looked < _LOOK:
            return
        self._looked = time.monotonic()
        work = next((work for work in self._works if work.has_more), None)
        if work is None:
            return
        needs = work.job.needs
        places = {
            node: count
            for node, count in self._fleet.places(needs).items()
            if node not in self._useless and (node, work.number) not in self._unfit
        }
        for number in list(self._idle):
            worker = self._workers[number]
            if worker.needs != needs or worker.node not in places:
                self._stop(number)
        there = Counter(worker.node for worker in self._workers.values() if worker.needs == needs)
        room = sum(places.values())
        for _ in range(min(self._most or room, room) - sum(there[node] for node in places)):
            node = max(places, key=lambda node: places[node] - there[node])
            there[node] += 1
            number = self._fleet.start(node, needs)
            self._workers[number] = _Worker(number, node, needs, time.monotonic())

    def _give_up_node(self, node: str, reason: str) -> None:
        if node not in self._useless:
            self._useless.add(node)
            warn(f"{self._fleet.node_name(node)}: its workers are turned away: {reason}")
        for worker in [worker for worker in self._workers.values() if worker.node == node]:
            self._take_batches(worker, None)
            self._stop(worker.number)

    def _stop(self, number: int) -> None:
        self._fleet.stop(number)
        self._forget(number)

    def _forget(self, number: int) -> None:
        self._workers.pop(number, None)
        self._idle.discard(number)
        self._tell_alive()

    def _tell_alive(self) -> None:
        count = sum(worker.ready for worker in self._workers.values())
        self._tell(f"{count} {'worker' if count == 1 else 'workers'}")

    def _look_for_any(self) -> None:
        """Wait while no worker is left, and say so once a minute; raise WorkersError at the end."""
        now = time.monotonic()
        if any(
            worker.tasks or worker.loading or (not worker.ready and now - worker.since < _PATIENCE)
            for worker in self._workers.values()
        ):
            self._none_since = None
            return
        if self._none_since is None:
            self._none_since, self._told = now, float("-inf")
        left = self._none_since + self._wait - now
        if left <= 0:
            raise WorkersError(
                "no worker is left that can do what is to be done; all that was predicted is kept, "
                "and no leaderboard is made of a part: run again to go on"
            )
        if now - self._told >= _TELL:
            self._told = now
            note(f"no worker is left; waiting {left:.0f} s more for one")
