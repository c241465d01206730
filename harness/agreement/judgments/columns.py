"""Which column of a file of judgments has which role, and its value on a line.

A dot goes one level down: `labels.votes`. Through a list it goes into each item, so that the votes
of several raters become a list, of which a score is the mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.errors import DataError, UsageError, did_you_mean
from harness.records import Task

# Each role's columns where none is named: the first that the line has counts. They are those of
# the judgments that this project is held against.
ROLES: Mapping[Task, Mapping[str, tuple[str, ...]]] = {
    "summarize": {
        "article_id": ("article_id",),
        "article": ("article",),
        "system": ("system",),
        "summary": ("summary",),
        "references": ("references",),
        "group": ("group",),
        "scores": ("scores",),
        "source": ("source", "domain", "lang"),
        "language": ("lang", "language"),
        "statements": ("statements", "labels"),
        "leave_out": (),
    },
    "answer": {
        "question_id": ("question_id",),
        "question": ("question",),
        "system": ("system",),
        "answer": ("answer",),
        "references": ("golds", "references"),
        "scores": ("scores",),
        "source": ("source", "domain", "lang"),
        "language": ("lang", "language"),
        "leave_out": ("labels.improper",),
    },
}

# What a line must have, one of each tuple.
NEEDED: Mapping[Task, tuple[tuple[str, ...], ...]] = {
    "summarize": (("summary",), ("scores",), ("article_id", "group")),
    "answer": (("answer",), ("references",), ("scores",), ("question_id", "question")),
}
# What the file of articles has, beside the file of summaries.
OF_ARTICLE = ("article", "references", "source", "language")


@dataclass(frozen=True)
class Columns:
    """The columns of each role, by the command line or as they are usually called."""

    task: Task
    named: Mapping[str, tuple[str, ...]]

    def of(self, role: str) -> tuple[str, ...]:
        """Return the columns to look for, in order; of scores that are named all count."""
        return self.named.get(role) or ROLES[self.task][role]

    def value(self, record: Mapping[str, object], role: str) -> object:
        """Return what the first column of a role has on a line, `None` if there is nothing."""
        values = (at(record, name) for name in self.of(role))
        return next((value for value in values if value is not None), None)

    def leaves_out(self, record: Mapping[str, object]) -> bool:
        """Return whether a line says itself that it is to be left out."""
        return any(at(record, name) is True for name in self.of("leave_out"))

    def scores(self, record: Mapping[str, object], where: str) -> dict[str, float | None]:
        """Return a line's scores by aspect; raise DataError for what is no number.

        A column that holds an object has an aspect a key; one that holds a number is one, by the
        last part of its name.
        """
        scores: dict[str, float | None] = {}
        for name in self.of("scores"):
            value = at(record, name)
            if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
                value = {key: [at(item, key) for item in value] for key in value[0]}
            if isinstance(value, Mapping):
                for aspect, given in value.items():
                    scores[str(aspect)] = _number(given, f"{where}: {name}.{aspect}")
            elif value is not None or name in record:
                scores[name.rpartition(".")[2]] = _number(value, f"{where}: {name}")
        return scores


def columns_of(arguments: Sequence[str], task: Task) -> Columns:
    """Return the columns that ROLE=NAME arguments name; raise UsageError for no such role."""
    named: dict[str, tuple[str, ...]] = {}
    for argument in arguments:
        role, equals, name = argument.partition("=")
        if not equals or not role or not name:
            raise UsageError(f"--column {argument!r}: must be ROLE=NAME, such as system=model_id")
        if role not in ROLES[task]:
            raise UsageError(
                f"--column {argument!r}: {task} has no role {role!r}"
                f"{did_you_mean(role, [*ROLES[task]])}"
            )
        named[role] = (*named.get(role, ()), name)
    return Columns(task, named)


def at(record: object, name: str) -> object:
    """Return what a dotted name has in a record, `None` if there is nothing.

    >>> at({"votes": [{"a": 1}, {"a": 2}]}, "votes.a")
    [1, 2]
    """
    if isinstance(record, Mapping) and name in record:
        value: object = record[name]
        return value
    head, dot, rest = name.partition(".")
    if not dot or not isinstance(record, Mapping):
        return None
    inner = record.get(head)
    if isinstance(inner, list):
        return [at(item, rest) for item in inner]
    return at(inner, rest)


def names_of(record: Mapping[str, object]) -> str:
    """Return the columns of a line, as a message lists them; those of an object with its name."""
    names = []
    for key, value in record.items():
        inner = value[0] if isinstance(value, list) and value else value
        inner_names = [f"{key}.{name}" for name in inner] if isinstance(inner, Mapping) else [key]
        names += inner_names or [key]
    shown = names[:30]
    return ", ".join(shown) + (f" and {len(names) - 30} more" if len(names) > 30 else "")


def _number(value: object, where: str) -> float | None:
    if isinstance(value, list):
        numbers = [_number(item, where) for item in value]
        given = [number for number in numbers if number is not None]
        return fmean(given) if given else None
    if value is None:
        return None
    if isinstance(value, bool | int | float):
        return float(value)
    raise DataError(f"{where}: must be a number, or null where there is none, not {value!r:.40}")
