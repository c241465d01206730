"""Which of a suite's examples are run: by name or text, the first, or of articles drawn."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import compress, islice

from harness.errors import UsageError, did_you_mean
from harness.files import sha256
from harness.records import SCOPES, TASKS, Example, Scope, Task
from harness.stream import Stream, read_from
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Selection:
    """What an example must be to be run; without anything all are.

    `examples` are patterns of ids such as `*/who-signed`; one that fits is enough. `text` stands,
    whatever its case, in the id or the question. `limit` is the most of each task, the first ones.

    `sample` draws of those that fit: whole clusters (articles, events or titles) in the order that
    `sample_seed` gives them (see `drawn_order`), until they have that many examples of the task, or
    all are drawn. The order is the same for every task, so that the one that needs fewer articles
    has the first of those that another has. Raises UsageError for a sample of less than one
    example, and beside a limit.
    """

    examples: tuple[str, ...] = ()
    text: str | None = None
    limit: int | None = None
    sample: int | None = None
    sample_seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if self.sample is not None and self.limit is not None:
            raise UsageError(
                "--sample and --limit: give one of them; --limit takes the first examples, "
                "--sample whole articles at random"
            )
        if self.sample is not None and self.sample < 1:
            raise UsageError(f"--sample: must be a whole number from 1, not {self.sample}")

    @property
    def options(self) -> list[str]:
        """The options of `harness eval` that choose the same."""
        options = ["--examples", *self.examples] if self.examples else []
        options += [] if self.text is None else ["-k", self.text]
        options += [] if self.limit is None else ["--limit", str(self.limit)]
        if self.sample is not None:
            options += ["--sample", str(self.sample), "--sample-seed", str(self.sample_seed)]
        return options

    def examples_of(self, suite: Suite, task: Task, scope: Scope = "article") -> Sequence[Example]:
        """Return the chosen ones of a task's examples, in order; no more than one is in memory."""
        if not self.examples and self.text is None and self.sample is None:
            return suite.examples(task, scope, self.limit)
        candidates = suite.examples(task, scope)
        chosen = self._drawn(candidates) if self.sample else bytes(map(self._has, candidates))

        places = array("q", compress(range(len(chosen)), chosen))[: self.limit]

        def read(start: int) -> Iterator[Example]:
            while start < len(places):  # those that stand in a row are read in a row
                first, end = places[start], start + 1
                while end < len(places) and places[end] == first + end - start:
                    end += 1
                yield from islice(read_from(candidates, first), end - start)
                start = end

        return Stream(len(places), read)

    def by_kind(
        self, suite: Suite, tasks: Collection[Task]
    ) -> dict[tuple[Task, Scope], Sequence[Example]]:
        """Return the chosen examples of some tasks by task and scope, as far as there are any."""
        return {
            (task, scope): examples
            for task in TASKS
            if task in tasks
            for scope in SCOPES
            if (examples := self.examples_of(suite, task, scope))
        }

    def _drawn(self, candidates: Iterable[Example]) -> bytes:
        """Return a 1 for each example of a cluster that is drawn, else 0; 8 bytes each are held."""
        numbers: dict[str, int] = {}  # of the clusters, from 1
        cluster_of = array("q")  # each example's cluster by number; 0: it does not fit
        for example in candidates:
            number = (
                numbers.setdefault(example.cluster, len(numbers) + 1) if self._has(example) else 0
            )
            cluster_of.append(number)
        sizes = Counter(cluster_of)
        drawn: set[int] = set()
        count = 0
        for cluster in drawn_order(numbers, self.sample_seed):
            if count >= (self.sample or 0):
                break
            drawn.add(numbers[cluster])
            count += sizes[numbers[cluster]]
        return bytes(number in drawn for number in cluster_of)

    def _has(self, example: Example) -> bool:
        if self.examples and not _fits(example.id, self.examples):
            return False
        if self.text is None:
            return True
        text = self.text.casefold()
        return text in example.id.casefold() or text in (example.query.question or "").casefold()


def drawn_order(clusters: Iterable[str], seed: int) -> list[str]:
    """Return clusters in a random order: by the SHA-256 of the seed, a line feed and the name.

    So the place of a cluster before another depends on the seed and both names alone: not on their
    order, not on what else there is, and not on a random generator that may change.
    """
    return sorted(clusters, key=lambda name: (sha256(f"{seed}\n{name}"), name))


def refuse_unknown_examples(selection: Selection, suite: Suite) -> None:
    """Raise UsageError for a pattern that no example of the suite fits, with the nearest ids."""
    unknown = set(selection.examples)
    ids = []
    for example in _all_examples(suite) if unknown else ():
        unknown -= {pattern for pattern in unknown if fnmatchcase(example.id, pattern)}
        if not unknown:
            return
        ids.append(example.id)
    for pattern in selection.examples:
        if pattern in unknown:
            raise UsageError(
                f"--examples: {suite.id} has no example {pattern!r}{did_you_mean(pattern, ids)}"
            )


def _fits(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _all_examples(suite: Suite) -> Iterator[Example]:
    for task in TASKS:
        for scope in SCOPES:
            yield from suite.examples(task, scope)
