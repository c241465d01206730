"""Where a leaderboard says other than what follows from its predictions and goldens."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from harness.files import canonical_json
from harness.leaderboard.leaderboard import Leaderboard

# Two numbers this near are equal: another machine's arithmetic may round the last digits otherwise.
RELATIVE = 1e-9
ABSOLUTE = 1e-12

# What cannot be recomputed: costs, claims on licence and size, and where the run was made.
UNKNOWABLE = frozenset(
    {
        "seconds", "tokens_per_second", "guessed_tokens", "right_guesses", "peak_memory_bytes",
        "weights_bytes", "licence", "environment", "environments", "cached",
    }
)  # fmt: skip

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is stored otherwise than it is recomputed; of numbers, by how much."""

    where: str
    stored: str
    recomputed: str
    by: float | None = None

    def __str__(self) -> str:
        by = f" (by {self.by:+.3g})" if self.by is not None else ""
        return f"{self.where}: stored {self.stored}, recomputed {self.recomputed}{by}"


def differences(where: str, stored: object, recomputed: object) -> Iterator[Difference]:
    """Yield where two JSON values differ, field by field; numbers to nine digits.

    >>> [str(d) for d in differences("n", {"a": 1, "b": 0.5}, {"a": 1, "b": 0.25})]
    ['n.b: stored 0.5, recomputed 0.25 (by +0.25)']
    """
    if isinstance(stored, Mapping) and isinstance(recomputed, Mapping):
        for name in dict.fromkeys([*stored, *recomputed]):
            if name not in UNKNOWABLE:
                path = f"{where}.{name}" if where else str(name)
                yield from differences(
                    path, stored.get(name, _MISSING), recomputed.get(name, _MISSING)
                )
    elif _lines(stored) and _lines(recomputed) and len(stored) == len(recomputed):
        for number, (stored_line, line) in enumerate(zip(stored, recomputed, strict=True), start=1):
            yield from differences(f"{where}.{number}", stored_line, line)
    elif _numeric(stored) and _numeric(recomputed):
        if not math.isclose(stored, recomputed, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            yield Difference(
                where, _value_text(stored), _value_text(recomputed), stored - recomputed
            )
    elif stored != recomputed:
        yield Difference(where, _value_text(stored), _value_text(recomputed))


def content_by_name(board: Leaderboard) -> dict[str, object]:
    """Return a leaderboard's content with its lists by name, so that a difference says of what."""
    content = board.model_dump(mode="json")
    lines_by_name = {
        field: {_line_name(line): line for line in value} if isinstance(value, list) else value
        for field, value in content.items()
    }
    return lines_by_name | {"order of rows": [_line_name(row) for row in content["rows"]]}


def _line_name(line: Mapping[str, object]) -> str:
    """Return the name of a line of any list: its model or models, task and scope."""
    words = [line.get(word) for word in ("model", "a", "b", "task", "scope", "metric", "opposed")]
    return " ".join(str(word) for word in words if word is not None)


def _lines(value: object) -> TypeGuard[Sequence[Mapping[str, object]]]:
    """Whether a value is a list of records, such as repeats."""
    return isinstance(value, list) and all(isinstance(line, Mapping) for line in value)


def _numeric(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value_text(value: object) -> str:
    if value is _MISSING:
        return "nothing"
    text = value if isinstance(value, str) else canonical_json(value)
    return f"{text[:100]}..." if len(text) > 100 else text
