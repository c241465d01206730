"""What a judge gave for one derived query: a prediction like any other, and stored like one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a reader answered from a text, "" where it found no answer; or why it failed."""

    key: str
    answer: str
    error: str | None = None
