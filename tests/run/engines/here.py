"""A fleet in this process: each worker asks the model itself, and nothing runs at the same time."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence

from harness.records import Query
from harness.run.asking import ask, load
from harness.run.engines.engine import Needs
from harness.run.engines.ray.fleet import Event
from harness.run.predict import Turn
from harness.run.store import prediction_text


class Here:
    """Nodes by name, with how many workers each has room for.

    A worker ends as a process would at a question that says so: "exit 3", "signal 9". A node ends
    when it has been given as many batches as `ends` says, and is back when `returns` says so many
    events were asked for. Nodes in `others` have other weights, those in `older` another version.
    """

    def __init__(
        self,
        nodes: Mapping[str, int],
        *,
        ends: Mapping[str, int] | None = None,
        others: Sequence[str] = (),
        older: Sequence[str] = (),
    ) -> None:
        self.nodes, self._ends = dict(nodes), ends or {}
        self._others, self._older = others, older
        self._node_of: dict[int, str] = {}
        self._turn_of: dict[int, Turn] = {}
        self._events: deque[Event] = deque()
        self._waiting: dict[int, deque[Sequence[Query]]] = {}
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.loads: Counter[str] = Counter()
        self.most_under_way = 0

    def places(self, needs: Needs) -> Mapping[str, int]:
        return {node: int(count // needs.cpus) for node, count in self.nodes.items()}

    def node_name(self, node: str) -> str:
        return node

    def start(self, node: str, needs: Needs) -> int:
        number = len(self._node_of)
        self._node_of[number], self._waiting[number] = node, deque()
        refusal = "its harness is another" if node in self._older else None
        self._events.append(Event(number, "started", refusal))
        return number

    def load(self, worker: int, turn: Turn) -> None:
        node = self._node_of[worker]
        self.loads[node] += 1
        self._turn_of[worker] = turn
        self._waiting[worker].clear()
        if node in self._others:
            self._events.append(Event(worker, "refused", "it has another model"))
        elif failure := load(turn.model):
            self._events.append(Event(worker, "unloadable", failure))
        else:
            self._events.append(Event(worker, "loaded", {"node": node}))

    def ask(self, worker: int, queries: Sequence[Query]) -> None:
        self._waiting[worker].append(queries)
        self.most_under_way = max(self.most_under_way, len(self._waiting[worker]))

    def stop(self, worker: int) -> None:
        self._waiting.pop(worker, None)

    def events(self, seconds: float) -> list[Event]:
        for worker in list(self._waiting):
            if self._waiting.get(worker):
                self._work(worker, self._waiting[worker].popleft())
        events, self._events = list(self._events), deque()
        return events

    def _work(self, worker: int, queries: Sequence[Query]) -> None:
        node = self._node_of[worker]
        self.asked.append((node, tuple(query.question or "" for query in queries)))
        if sum(name == node for name, _ in self.asked) == self._ends.get(node):
            del self.nodes[node]
            for other in [other for other in self._waiting if self._node_of[other] == node]:
                del self._waiting[other]
                self._events.append(Event(other, "lost", None))
            return
        model = self._turn_of[worker].model
        made = []
        for place, query in enumerate(queries):
            what, _, how = (query.question or "").partition(" ")
            if what in ("exit", "signal"):
                self._waiting[worker].clear()
                ended = f"exit code {how}" if what == "exit" else f"signal {how}"
                self._events.append(Event(worker, "died", ended))
                return
            for answers in ask(model, [query]):
                made += [(place, prediction_text(prediction)) for _, prediction in answers]
        self._events += [Event(worker, "made", made), Event(worker, "done")]
