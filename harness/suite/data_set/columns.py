"""Which columns of a data set are what: those that were named, and else by the field's names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.command.data_choice import Role
from harness.errors import DataError
from harness.suite.data_set.doubtful import may_hold_answers, not_read

# What the field calls them.
NAMES: Mapping[Role, tuple[str, ...]] = {
    "article": ("article", "document", "dialogue", "text", "report", "source", "context"),
    "reference": ("highlights", "summary", "abstract", "target", "reference", "references"),
    "question": ("question",),
    "answers": ("answers", "answer"),
    "id": ("id",),
}
# Questions on one title belong together, as SQuAD's on one article of Wikipedia.
TITLE = "title"
_SQUAD: Mapping[Role, tuple[str, ...]] = {
    "article": ("context",), "question": ("question",), "answers": ("answers",), "id": ("id",),
    "cluster": (TITLE,),
}  # fmt: skip
# What SQuAD's questions say beside their answers.
IMPOSSIBLE = "is_impossible"
# reference2, reference_2; reference.1 is what pandas makes of a second column of one name.
_NUMBER = re.compile(r"[_ .-]?[0-9]+$")
_MISSING = object()


@dataclass
class Columns:
    """The columns by role, chosen when the names of the first file are known.

    `named` are those that a person named. Raises DataError for one that is not there, for a role
    that several columns may have, and where there is nothing to score against.
    """

    label: str
    named: Mapping[Role, tuple[str, ...]]
    chosen: dict[Role, tuple[str, ...]] = field(default_factory=dict)
    _names: Sequence[str] = ()

    def choose(self, names: Sequence[str]) -> list[str]:
        """Return which of a file's columns are read; the first file's names decide."""
        if not self.chosen:
            self._decide(names)
            self._names = names
        for role, columns in self.chosen.items():
            for column in columns:
                if _top(column, names) is None:
                    raise self._no_column(role, column, names)
        tops = [_top(column, names) for columns in self.chosen.values() for column in columns]
        wanted = {*tops, IMPOSSIBLE}
        return [name for name in names if name in wanted]

    def of(self, role: Role) -> str | None:
        """Return the column of a role, `None` for none."""
        return next(iter(self.chosen.get(role, ())), None)

    @property
    def text(self) -> str:
        """Which column is what, for a line."""
        return ", ".join(f"{role} = {' + '.join(names)}" for role, names in self.chosen.items())

    @property
    def warning(self) -> str | None:
        """What to tell of a column that may hold more answers; `None` for none."""
        answers = self.of("answers")
        more = (name for name in self._names if answers and may_hold_answers(name))
        unread = next((name for name in more if name != answers), None)
        return not_read(unread, str(answers)) if unread else None

    @property
    def untold(self) -> bool:
        """Whether they are called as SQuAD calls them, or what they are: nothing is to be told."""
        as_squad = bool(self.chosen) and self.chosen.items() <= _SQUAD.items()
        return as_squad or all(names == (role,) for role, names in self.chosen.items())

    def _decide(self, names: Sequence[str]) -> None:
        for role, columns in self.named.items():
            for column in columns:
                if _top(column, names) is None:
                    raise self._no_column(role, column, names)
        chosen: dict[Role, tuple[str, ...]] = {"article": self._required("article", names)}
        if question := self._found("question", names):
            if answers := self._found("answers", names):
                chosen |= {"question": question, "answers": answers}
            elif "question" in self.named:
                raise self._no_role("answers", names)
        if reference := self._references(names):
            chosen["reference"] = reference
        if not chosen.keys() & {"question", "reference"}:
            raise self._no_role("reference", names)
        if identifier := self._found("id", names):
            chosen["id"] = identifier
        if cluster := self._found("cluster", names):
            chosen["cluster"] = cluster
        elif "reference" not in chosen and TITLE in names:
            chosen["cluster"] = (TITLE,)
        self.chosen = chosen

    def _found(self, role: Role, names: Sequence[str]) -> tuple[str, ...]:
        """Return the column of a role, or none; raise DataError for several."""
        if role in self.named:
            return self.named[role]
        candidates = [name for name in NAMES.get(role, ()) if name in names]
        if len(candidates) > 1:
            raise self._several(role, candidates)
        return tuple(candidates)

    def _references(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the column of references, or several of one name with numbers behind it."""
        if "reference" in self.named:
            return self.named["reference"]
        by_stem: dict[str, list[str]] = {}
        for name in names:
            stem = name if name in NAMES["reference"] else _NUMBER.sub("", name)
            if stem in NAMES["reference"]:
                by_stem.setdefault(stem, []).append(name)
        if len(by_stem) > 1:
            raise self._several("reference", [name for some in by_stem.values() for name in some])
        return tuple(next(iter(by_stem.values()), ()))

    def _required(self, role: Role, names: Sequence[str]) -> tuple[str, ...]:
        found = self._found(role, names)
        if not found:
            raise self._no_role(role, names)
        return found

    def _several(self, role: Role, candidates: Sequence[str]) -> DataError:
        ways = " or ".join(f"--column {role}={name}" for name in candidates)
        return DataError(
            f"{self.label}: {len(candidates)} columns may be the {role}: {', '.join(candidates)}; "
            f"say which: {ways}"
        )

    def _no_role(self, role: Role, names: Sequence[str]) -> DataError:
        usual = ", ".join(NAMES[role])
        others = " (or question=NAME and answers=NAME)" if role == "reference" else ""
        return DataError(
            f"{self.label}: none of the columns {_listed(names)} has a usual name of the {role} "
            f"({usual}); say which it is: --column {role}=NAME{others}"
        )

    def _no_column(self, role: Role, column: str, names: Sequence[str]) -> DataError:
        return DataError(
            f"{self.label}: has no column {column!r}, which is to be the {role}; there are "
            f"{_listed(names)}"
        )


def value_in(columns: Mapping[str, object], name: str) -> object:
    """Return the value of a column, with dots of one within another; raise KeyError for none.

    >>> value_in({"a": {"b": 1}}, "a.b"), value_in({"a": [{"b": 1}, {"b": 2}]}, "a.b")
    (1, [1, 2])
    """
    if name in columns:
        return columns[name]
    value: object = columns
    for part in name.split("."):
        if isinstance(value, list):
            value = [item.get(part, _MISSING) if isinstance(item, dict) else _MISSING
                     for item in value]  # fmt: skip
            if _MISSING in value:
                raise KeyError(name)
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            raise KeyError(name)
    return value


def _top(column: str, names: Sequence[str]) -> str | None:
    """Return which of a file's columns a name is of, or of which it is a part."""
    return next((name for name in (column, column.partition(".")[0]) if name in names), None)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names)) or "none"
