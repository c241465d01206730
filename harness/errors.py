"""The errors a caller may want to catch.

    HarnessError
    ├── UsageError      a command line or a call that cannot be obeyed
    ├── DataError       a suite, article, golden, prompt or roster that cannot be used
    ├── WeightsError    weights that are missing, or not the ones the roster names
    ├── ModelError      a model that cannot do what its roster entry asks
    ├── CostLimitError  a run that stopped before it would pass what it may spend
    ├── WorkersError    a run whose workers are all gone; what it has is kept
    ├── MetricError     a text that a metric cannot score honestly, or a broken metric
    └── StoreError      a folder or database of results that cannot be read or written

Every message fits on one line and says what is wrong, where, and what to do. Where several things
are wrong with what a person wrote, a DataError has a line for each, below one that counts them.
"""

import contextlib
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# So many problems are told; whoever has more has another file than the one that was meant.
_MOST_TOLD = 100


class HarnessError(Exception):
    """Any failure that is the input's or the machine's, not a bug of the harness."""


class UsageError(HarnessError):
    """A command line or a call that cannot be obeyed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file: what, in which field and line, and what to do."""

    file: Path
    message: str
    field: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{where}: {self.text}"

    @property
    def text(self) -> str:
        """The field and the message."""
        return f"{self.field}: {self.message}" if self.field else self.message


class DataError(HarnessError):
    """A suite, article, golden, prompt or roster that cannot be used as it is.

    >>> file = Path("models.toml")
    >>> print(DataError(Problem(file, "unknown key", "a.x", 2), Problem(file, "is missing", "a.y")))
    models.toml: 2 problems
      models.toml:2: a.x: unknown key
      models.toml: a.y: is missing
    """

    def __init__(self, *problems: Problem | str) -> None:
        """Take a text, or all that is wrong."""
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return _one_line(self.problems[0])
        files = {problem.file for problem in self.problems if isinstance(problem, Problem)}
        count = f"{len(self.problems)} problems"
        first = f"{files.pop()}: {count}" if len(files) == 1 else f"{count} in {len(files)} files"
        told = [f"  {_one_line(problem)}" for problem in self.problems[:_MOST_TOLD]]
        if len(self.problems) > _MOST_TOLD:
            told.append(f"  and {len(self.problems) - _MOST_TOLD} more")
        return "\n".join([first, *told])


def _one_line(problem: Problem | str) -> str:
    """Return a problem without line breaks: what it names may have some, and look like another."""
    return " ".join(str(problem).split("\n"))


class Problems(list[Problem | str]):
    """What is wrong with several things that are read one after the other, to be told at once."""

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """Keep the problems of a DataError that the block raises, and go on behind it."""
        try:
            yield
        except DataError as error:
            self.extend(error.problems)

    def error(self) -> DataError:
        """Return all of them as one error, each once, those of a file by line."""
        files = [getattr(problem, "file", None) for problem in self]

        def place(problem: Problem | str) -> tuple[int, int]:
            file, line = getattr(problem, "file", None), getattr(problem, "line", None)
            return files.index(file), line or 0

        return DataError(*sorted(dict.fromkeys(self), key=place))

    def raise_any(self) -> None:
        """Raise them as one error; do nothing if there are none."""
        if self:
            raise self.error()


class WeightsError(HarnessError):
    """Weights that are missing, or that are not the ones the roster names."""


class ModelError(HarnessError):
    """A model that cannot do what its roster entry asks of it."""


class CostLimitError(HarnessError):
    """A run that stopped before it would have passed what it may spend; what it has is kept."""


class WorkersError(HarnessError):
    """A run on a cluster that has no worker left to go on with; what it has is kept."""


class MetricError(HarnessError):
    """A text that a metric cannot score honestly, or a metric that is broken."""


class StoreError(HarnessError):
    """A folder or a database of results that cannot be read or written."""


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the end of a message: the known names most like the one given, or all of them.

    >>> did_you_mean("lead3", ["lead-3", "lexrank"])
    '; did you mean lead-3?'
    """
    on_a_line = [" ".join(word.split()) for word in known]  # a roster's names may hold any text
    # The dashes that all flags begin with make none like another.
    words = {word.lstrip("-"): word for word in on_a_line}
    matches = difflib.get_close_matches(name.lstrip("-"), words, n=3, cutoff=0.6)
    if matches:
        return f"; did you mean {' or '.join(words[match] for match in matches)}?"
    return f"; there are {', '.join(on_a_line)}" if known else ""
