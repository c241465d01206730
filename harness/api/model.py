"""A model from Python: a function, or an object with `predict`, with what is to be known of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pydantic import PrivateAttr

from harness.errors import UsageError
from harness.models.model import Model as RosterModel
from harness.models.own.plain import PlainModel
from harness.models.roster.roster import Entry
from harness.records import TASKS, Prediction, Query, Task

Predict = Callable[[list[Query]], Sequence[str | Prediction]]


@dataclass(frozen=True)
class Model:
    """A function of a list of queries that returns a text or a Prediction for each, in order.

    Or an object with such a method `predict`, and maybe `load`, `unload` and `batch_size`.

    `version` stands for all that can change what it says: predictions of the same name and version
    are not made again. Without one they are made anew in each call, as nothing tells whether the
    function is still the same. `tasks` are what it is asked to do.
    """

    predict: Predict | object
    name: str = ""
    version: str | None = None
    tasks: Sequence[Task] = TASKS
    licence: str | None = None

    @property
    def title(self) -> str:
        """The name, or that of the function or class."""
        if self.name:
            return self.name
        named = getattr(self.predict, "__name__", type(self.predict).__name__)
        return "function" if named == "<lambda>" else str(named)


class _FunctionModel(PlainModel):
    """What `evaluate` runs."""

    name: str
    version: str
    asked: tuple[Task, ...]

    _made: Any = PrivateAttr(default=None)

    @property
    def label(self) -> str:
        return self.name

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.asked

    def identity(self, task: Task) -> Mapping[str, object]:
        return {
            "kind": "function",
            "revision": self.revision,
            "name": self.name,
            "version": self.version,
        }

    def make(self) -> object:
        return self._made


@dataclass(frozen=True)
class _Function:
    """A function as an object with `predict`."""

    predict: Any


def entries_of(models: Sequence[object] | Mapping[str, object]) -> tuple[list[str], list[Entry]]:
    """Return what `evaluate` was given: names of the roster, and entries of all else.

    Raises UsageError for two models of one name, and for what is none.
    """
    names: list[str] = []
    entries: list[Entry] = []
    named: Sequence[tuple[str, object]] = (
        [*models.items()] if isinstance(models, Mapping) else [("", model) for model in models]
    )
    for name, model in named:
        if isinstance(model, str):
            names.append(model)
        elif isinstance(model, Entry):
            entries.append(model)
        elif isinstance(model, RosterModel):
            kind = str(model.identity(model.tasks[0])["kind"])
            entries.append(Entry(name or kind, kind, model.tasks, None, model))
        else:
            entries.append(_entry(model, name))
    titles = [entry.name for entry in entries]
    for title in titles:
        if titles.count(title) > 1:
            raise UsageError(f"models: two are called {title!r}; name them with Model(..., name=)")
    return names, entries


def _entry(given: object, name: str) -> Entry:
    model = given if isinstance(given, Model) else Model(given)
    function = model.predict
    is_object = callable(getattr(function, "predict", None))
    if isinstance(function, type) or not (is_object or callable(function)):
        raise UsageError(
            f"models: {function!r} is no model: give a name of the roster, a function of a list of "
            "queries, or an object with `predict`"
        )
    if not is_object:
        function = _Function(function)
    title = name or model.title
    tasks = tuple(task for task in TASKS if task in getattr(function, "tasks", model.tasks))
    made = _FunctionModel(name=title, version=model.version or f"once {uuid4().hex}", asked=tasks)
    made._made = function
    return Entry(title, "function", tasks, model.licence, made)
