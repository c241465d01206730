"""What is left of a job: batches never given away, and those that came back."""

from collections import deque
from collections.abc import Sequence

from harness.records import Prediction
from harness.run.engines.engine import Job
from harness.run.predict import Batch

# Queries of a model that streams that are given to a worker at once, or some more.
STREAMED = 64


class Task:
    """A batch that is to be made, how many workers it took along, and the last of them."""

    def __init__(self, batch: Batch, deaths: int = 0, last: int | None = None) -> None:
        """Take the batch."""
        self.batch, self.deaths, self.last = batch, deaths, last
        self._made: set[int] = set()

    def made(self, answers: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
        """Note what was made, by its places; return it by its keys."""
        self._made.update(place for place, _ in answers)
        return [(self.batch.keys[place], text) for place, text in answers]

    @property
    def left(self) -> Batch:
        """What of the batch was not made."""
        if not self._made:
            return self.batch
        return self.batch.at(place for place in range(len(self.batch)) if place not in self._made)


class Work:
    """A job's batches on their way."""

    def __init__(self, number: int, job: Job) -> None:
        """Take a job that has something left; `number` tells it from the others."""
        self.number, self.job = number, job
        self.under_way = 0
        self._source = job.turn.batches(STREAMED)
        self._exhausted = False
        self._back: deque[Task] = deque()
        self._load_deaths = 0

    @property
    def has_more(self) -> bool:
        """Whether anything waits for a worker."""
        return bool(self._back) or not self._exhausted

    @property
    def has_back(self) -> bool:
        """Whether anything came back."""
        return bool(self._back)

    def next(self, worker: int | None = None) -> Task | None:
        """Return what is to be made next, but nothing that the worker of this number died of."""
        for task in self._back:
            if worker is None or task.last != worker:
                self._back.remove(task)
                return task
        if self._exhausted:
            return None
        batch = next(self._source, None)
        self._exhausted = batch is None
        return Task(batch) if batch is not None else None

    def hand_back(self, task: Task, worker: int, reason: str | None) -> None:
        """Take back what was not made of a batch; with a reason its worker died of it.

        It is tried again whole, then by halves, until an example stands alone: what takes two
        workers along alone is not tried a third time.
        """
        batch = task.left
        if reason is None:
            self._return(Task(batch, task.deaths, task.last))
        elif task.deaths == 0:
            self._return(Task(batch, 1, worker))
        elif len(batch) == 1:
            error = f"killed its worker twice: {reason}"
            self.job.turn.keep([(batch.keys[0], Prediction("", error=error))])
        else:
            middle = len(batch) // 2
            for half in (range(middle), range(middle, len(batch))):
                self._return(Task(batch.at(half), 1, worker))

    def died_loading(self, reason: str) -> None:
        """Count a worker that died as it loaded the model: what takes two along is a failure."""
        self._load_deaths += 1
        if self._load_deaths > 1:
            error = f"killed its worker twice while it was loaded: {reason}"
            self.fail(Prediction("", error=error))

    def fail(self, failure: Prediction) -> None:
        """Keep why nothing could be made of all that waits."""
        while (task := self.next()) is not None:
            self.job.turn.keep([(key, failure) for key in task.batch.keys])

    def _return(self, task: Task) -> None:
        if len(task.batch):
            self._back.append(task)
