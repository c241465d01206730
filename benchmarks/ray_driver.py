"""The driver of a cluster's workers, without a cluster: time and memory of all that it does itself.

    python benchmarks/ray_driver.py workers            1,000 workers: which share of time they work
    python benchmarks/ray_driver.py memory --examples 1000000

Workers are slots in this process, which answer with what a model once gave. Time is counted: what
the driver computes is the time of its processor, batches take as long as they are said to, and
nothing is waited for. So another load on the machine changes nothing, and the disk, for which a
commit waits twenty times a second, counts as infinitely fast.
"""

import argparse
import heapq
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from harness.models.floors.no_answer import NoAnswer
from harness.models.model import Model
from harness.records import Article, Candidate, Example, Prediction, Query
from harness.run.engines.engine import Job, Needs
from harness.run.engines.ray.dispatch import Dispatch
from harness.run.engines.ray.fleet import Event
from harness.run.predict import Turn
from harness.run.store import Store, prediction_text
from harness.stream import Stream

# Times of batches of 256 questions of SQuAD by an extractive model, over their mean, as measured.
SPREAD = (0.71, 0.78, 0.83, 0.88, 0.93, 0.99, 1.04, 1.11, 1.22, 1.51)
CONTEXT = "The Normans were the people who in the tenth century gave their name to a region. " * 9
ANSWER = prediction_text(
    Prediction(
        "a region in France", "a region in France", source_tokens=160, kept_tokens=160,
        seconds=0.0912345678, peak_memory=1_234_567_890, span=(159, 177), confidence=0.8123456789,
        no_answer_probability=0.0123456789, windows=1,
        candidates=tuple(Candidate("a region in France", 159, 177, 0.123456789) for _ in range(5)),
    )
)  # fmt: skip


class Small(NoAnswer):
    """A model whose batches are as small as they are to be."""

    one_article: ClassVar[bool] = False
    size: int = 4

    def batch_size(self, query: Query) -> int:
        """Return the size."""
        return self.size


class Slots:
    """Workers that answer after times drawn at random, on a clock that only counts."""

    def __init__(self, count: int, seconds: float, seed: int = 1) -> None:
        """Take how many there are, and how long a batch takes on average."""
        self._count, self._seconds, self._random = count, seconds, random.Random(seed)
        self._answers: list[tuple[float, int, int]] = []  # when, in which order, of whom
        self._sizes: dict[int, list[int]] = {}
        self._free: dict[int, float] = {}
        self._events: list[Event] = []
        self._order = self._started = 0
        self._begun: dict[int, float] = {}
        self._spans: list[tuple[float, float]] = []
        self.now = 0.0
        self._processor = time.process_time()

    def places(self, needs: Needs) -> Mapping[str, int]:
        """Return one node with room for all."""
        return {"node": self._count}

    def node_name(self, node: str) -> str:
        """Return its name."""
        return node

    def start(self, node: str, needs: Needs) -> int:
        """Start a slot."""
        number = self._started
        self._started += 1
        self._sizes[number], self._free[number] = [], 0.0
        self._events.append(Event(number, "started"))
        return number

    def load(self, worker: int, turn: Turn) -> None:
        """Say that the model is loaded."""
        self._events.append(Event(worker, "loaded", {"cpu": "a"}))

    def ask(self, worker: int, queries: Sequence[Query]) -> None:
        """Have the answers come when the slot is done with what it has, and with these."""
        self._count_own()
        seconds = self._seconds * self._random.choice(SPREAD)
        begin = max(self.now, self._free[worker])
        self._free[worker] = begin + seconds
        self._begun.setdefault(worker, begin)
        self._spans.append((begin, begin + seconds))
        self._sizes[worker].append(len(queries))
        self._order += 1
        heapq.heappush(self._answers, (begin + seconds, self._order, worker))

    def stop(self, worker: int) -> None:
        """End a slot."""

    def events(self, seconds: float) -> list[Event]:
        """Return what has come by now; if nothing has, it is later."""
        self._count_own()
        if self._events:
            events, self._events = self._events, []
            return events
        if self._answers and self._answers[0][0] > self.now:
            self.now = self._answers[0][0]
        events, seen, later = [], set(), []
        while self._answers and self._answers[0][0] <= self.now:
            answer = heapq.heappop(self._answers)
            worker = answer[2]
            if worker in seen:  # of each one batch at most
                later.append(answer)
                continue
            seen.add(worker)
            size = self._sizes[worker].pop(0)
            events.append(Event(worker, "made", [(place, ANSWER) for place in range(size)]))
            events.append(Event(worker, "done"))
        for answer in later:
            heapq.heappush(self._answers, answer)
        return events

    @property
    def share(self) -> float:
        """The share of the time that slots worked, from when all had work until one had no more."""
        begin, end = max(self._begun.values()), min(self._free.values())
        inside = sum(
            max(0.0, min(end, done) - max(begin, started)) for started, done in self._spans
        )
        return inside / (len(self._free) * (end - begin))

    def _count_own(self) -> None:
        processor = time.process_time()
        self.now += processor - self._processor
        self._processor = processor


def examples(count: int) -> Stream[Example]:
    """Return questions as SQuAD has them, five on a paragraph, that are made when they are read."""

    def read(start: int) -> Iterator[Example]:
        for number in range(start, count):
            context = f"{number // 5} {CONTEXT}"
            article = Article(f"a{number // 5}", context, "f", "")
            query = Query("answer", context, f"In what country is Normandy located, {number}?")
            yield Example(f"{article.id}/{number}", article, query, ("France",))

    return Stream(count, read)


def job(store: Store, count: int, size: int) -> Job:
    """Return the job of all questions."""
    turn = Turn(_model(size), examples(count), store, {}, untold)
    return Job("simulated", turn)


def untold(done: int, total: int) -> None:
    """Tell nobody how much is done."""


def _model(size: int) -> Model:
    return Small(size=size)


def workers(options: argparse.Namespace) -> None:
    """Print which share of the time workers work, by how long a batch takes."""
    print(f"{options.workers:,} workers, {options.size} examples a batch; processor time")
    names = ("batch", "working", "examples/s", "driver ms an example", "driver busy")
    print("".join(f"{name:>22}" for name in names))
    for seconds in options.seconds:
        count = options.workers * options.rounds * options.size
        with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.sqlite") as store:
            made = job(store, count, options.size)
            slots = Slots(options.workers, seconds)
            began = time.process_time()
            Dispatch(slots, [made], wait=0.0).run()
            own = time.process_time() - began
        cells = (
            f"{seconds:.2f} s",
            f"{100 * slots.share:.1f} %",
            f"{count / slots.now:,.0f}",
            f"{1000 * own / count:.3f}",
            f"{100 * own / slots.now:.0f} %",
        )
        print("".join(f"{cell:>22}" for cell in cells))


def memory(options: argparse.Namespace) -> None:
    """Print the most memory that the process held, with few and with many examples."""
    print(f"{'examples':>12}{'MB':>8}{'driver ms an example':>22}{'bytes stored':>14}")
    for count in (10_000, options.examples):
        with tempfile.TemporaryDirectory() as folder:
            with Store(Path(folder) / "s.sqlite") as store:
                made = job(store, count, 256)
                began = time.process_time()
                Dispatch(Slots(options.workers, 2.0), [made], wait=0.0).run()
                own = time.process_time() - began
            size = sum(path.stat().st_size for path in Path(folder).iterdir())
        print(f"{count:12,}{_peak() / 1e6:8.0f}{1000 * own / count:22.3f}{size / count:14.0f}")


def _peak() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("workers", "memory"))
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--size", type=int, default=4, help="examples a batch")
    parser.add_argument("--rounds", type=int, default=20, help="batches a worker")
    parser.add_argument("--seconds", type=float, nargs="*", default=[0.5, 1, 2, 4, 8])
    parser.add_argument("--examples", type=int, default=1_000_000)
    options = parser.parse_args()
    {"workers": workers, "memory": memory}[options.what](options)


if __name__ == "__main__":
    main()
