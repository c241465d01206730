"""One thing that a check found: how bad, where, what, and what to do."""

import re
from dataclasses import dataclass
from typing import Literal

from harness.errors import HarnessError
from harness.suite.goldens import GoldenFile

Level = Literal["error", "warning", "note"]

_WHERE = re.compile(r"(?P<file>.+?\.\w+)(?::(?P<line>\d+))?: (?P<rest>.*)", re.DOTALL)


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


def unreadable_finding(error: HarnessError) -> Finding:
    """Return the finding for a file that could not be read; its message names the place."""
    match = _WHERE.fullmatch(str(error))
    if not match:
        return Finding("error", "unreadable", "", None, str(error))
    line = int(match["line"]) if match["line"] else None
    return Finding("error", "unreadable", match["file"], line, match["rest"])


def finding_at(
    level: Level, name: str, file: GoldenFile, location: tuple[int | str, ...], message: str
) -> Finding:
    """Return a finding at a field of a golden file."""
    return Finding(level, name, str(file.path), file.lines.get(location), message)
