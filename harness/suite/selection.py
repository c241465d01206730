"""Which of a suite's examples are run: by their names, by what they say, or the first of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import compress, islice

from harness.errors import UsageError, did_you_mean
from harness.records import SCOPES, TASKS, Example, Scope, Task
from harness.stream import Stream
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Selection:
    """What an example must be to be run; without anything all are.

    `examples` are patterns of ids such as `*/who-signed`; one that fits is enough. `text` stands,
    whatever its case, in the id or the question. `limit` is the most of each task, the first ones.
    """

    examples: tuple[str, ...] = ()
    text: str | None = None
    limit: int | None = None

    def examples_of(self, suite: Suite, task: Task, scope: Scope = "article") -> Sequence[Example]:
        """Return the chosen ones of a task's examples, in order; no more than one is in memory."""
        if not self.examples and self.text is None:
            return suite.examples(task, scope, self.limit)
        candidates = suite.examples(task, scope)
        chosen = bytes(map(self._has, candidates))

        def read(start: int) -> Iterator[Example]:
            return islice(compress(candidates, chosen), start, None)

        count = sum(chosen)
        return Stream(count if self.limit is None else min(count, self.limit), read)

    def _has(self, example: Example) -> bool:
        if self.examples and not _fits(example.id, self.examples):
            return False
        if self.text is None:
            return True
        text = self.text.casefold()
        return text in example.id.casefold() or text in (example.query.question or "").casefold()


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
