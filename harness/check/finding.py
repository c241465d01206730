"""One thing that a check found: how bad, where, what, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.errors import DataError, Problem
from harness.suite.goldens import GoldenFile

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding. `name` is what a golden's `allowed` silences it by: `rule` or `rule/id`."""

    level: Level
    name: str
    file: str
    line: int | None
    message: str

    @property
    def where(self) -> str:
        """The place, as compilers write it."""
        return f"{self.file}:{self.line}" if self.line else self.file


def unreadable_findings(error: DataError) -> Iterator[Finding]:
    """Yield a finding for each thing that kept a file from being read."""
    for problem in error.problems:
        if isinstance(problem, Problem):
            yield Finding("error", "unreadable", str(problem.file), problem.line, problem.text)
        else:
            yield Finding("error", "unreadable", "", None, problem)


def finding_at(
    level: Level, name: str, file: GoldenFile, location: tuple[int | str, ...], message: str
) -> Finding:
    """Return a finding at a field of a golden file."""
    return Finding(level, name, str(file.path), file.lines.get(location), message)
