"""Kinds that installed packages offer: a class of this package's own, or a plain one."""

import contextlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import ClassVar, cast

from pydantic import Field

from harness.models.model import Model
from harness.models.own.plain import Options, PlainModel, refuse_options
from harness.own_code.installed import InstalledCode
from harness.own_code.loaded import Loaded
from harness.records import TASKS, Task


class Packaged(PlainModel):
    """A class of an installed package, with `predict(queries)`."""

    entry: ClassVar[EntryPoint]
    loaded_class: ClassVar[Loaded]

    options: Options = Field(default={})
    """What the class is made with, by the names of its parameters."""

    @property
    def label(self) -> str:
        """How messages name the class."""
        return self.loaded_class.label

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the class says that it does, else both."""
        written = getattr(self.loaded_class.cls, "tasks", TASKS)
        return tuple(task for task in TASKS if task in written)

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the package with its version, the class and its options."""
        return {
            "kind": self.entry.name,
            "revision": self.revision,
            "package": InstalledCode(self.entry).package,
            "class": self.entry.value,
            "options": self.options,
        }

    def import_code(self) -> None:
        """Look whether the class takes the options."""
        refuse_options(self.loaded_class.cls, self.options, self.label)

    def make(self) -> object:
        """Return the class's instance."""
        return self.loaded_class.cls(**self.options)

    def running(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Return a block in which the class's code runs."""
        return self.loaded_class.running(what)


def packaged_class(entry: EntryPoint) -> type[Model]:
    """Return the class of a kind that a package offers; raise ModelError for what is none."""
    code = InstalledCode(entry)
    loaded = code.load("predict")
    if issubclass(loaded.cls, Model):
        return _pinned(loaded.cls, code.package)
    fields = {"entry": entry, "loaded_class": loaded, "__doc__": loaded.cls.__doc__}
    made = type(entry.name, (Packaged,), {**fields, "__module__": __name__})
    return cast("type[Model]", made)


def _pinned(cls: type[Model], package: str) -> type[Model]:
    """Return a class whose models have their package's version in what they are."""

    def identity(self: Model, task: Task) -> Mapping[str, object]:
        return {**cls.identity(self, task), "package": package}

    fields = {"identity": identity, "__doc__": cls.__doc__, "__module__": cls.__module__}
    return cast("type[Model]", type(cls.__name__, (cls,), fields))
