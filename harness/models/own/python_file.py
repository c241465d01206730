"""A model of one's own: a class in a Python file.

    [my-model]
    kind = "python"
    file = "my_model.py"
    class = "MyModel"
    options = { words = 30 }

The file is run where models are run, and not to list them.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
)

from harness.environment import package_versions
from harness.errors import DataError, ModelError, WeightsError
from harness.models.checkpoint.seal import Seal
from harness.models.own.plain import Options, PlainModel, refuse_options
from harness.own_code.file import OwnCode
from harness.own_code.loaded import Loaded
from harness.records import TASKS, Task
from harness.requirements import Missing, missing_packages
from harness.validation.wording import Text


def _beside_the_roster(path: Path, info: ValidationInfo) -> Path:
    try:
        path = path.expanduser()
    except RuntimeError:
        raise ValueError(f"there is no home folder of {path.parts[0]!r}") from None
    base: Path | None = info.context.folder if info.context else None
    return (base or Path()) / path


def _identifier(name: str) -> str:
    if not name.isidentifier():
        raise ValueError("must be the name of a class")
    return name


OwnPath = Annotated[Path, AfterValidator(_beside_the_roster)]


class PythonFile(PlainModel):
    """A class of yours with `predict(queries)`, which returns a text or a Prediction for each.

    Its file is a program that is run: take one from nobody whom you do not trust.
    """

    file: Annotated[OwnPath, Field(examples=["my_model.py"])]
    """The file, relative to the roster file. Its hash is part of the key of every prediction."""
    class_name: Annotated[
        str, AfterValidator(_identifier), Field(alias="class", examples=["MyModel"])
    ]
    """The class in it."""
    options: Options = Field(default={})
    """What the class is made with, by the names of its parameters."""
    files: tuple[OwnPath, ...] = ()
    """Other files and folders that it imports or reads, whose hashes count too."""
    packages: tuple[Text, ...] = ()
    """Installed packages whose versions count too, such as torch."""

    _loaded_code: Loaded | None = PrivateAttr(default=None)

    @cached_property
    def code(self) -> OwnCode:
        """The class, and all files that count."""
        return OwnCode(self.file.resolve(), self.class_name, self.options, self.files)

    @property
    def label(self) -> str:
        """How messages name the class."""
        return self.code.label

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the class's body has written out as its `tasks`, else both."""
        written = self.code.written_list("tasks")
        return TASKS if written is None else tuple(task for task in TASKS if task in written)

    @property
    def own_files(self) -> Sequence[Path]:
        """The file that is run."""
        return (self.file,)

    @property
    def missing(self) -> Missing:
        """The packages that it names and that are not installed."""
        return missing_packages(*self.packages)

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the hashes of its files, its class and options, and the packages' versions."""
        return {
            "kind": "python",
            "revision": self.revision,
            "files": self.code.hashes,
            "class": self.class_name,
            "options": self.options,
            "packages": package_versions(self.packages),
        }

    def look_at_files(self) -> None:
        """Read what the class says of itself, without running it."""
        self.code.refuse_without("predict")
        for path in self.files:
            if not path.exists():
                raise DataError(f"{path}: there is no such file; `files` names it")
        for task in self.code.written_list("tasks") or ():
            if task not in TASKS:
                raise DataError(
                    f"{self.file}: {self.class_name}.tasks has {task!r}; there are "
                    f"{' and '.join(TASKS)}"
                )

    def import_code(self) -> None:
        """Run the file, and look whether the class fits; raise ModelError."""
        if self._loaded_code is None:
            loaded = self.code.load("predict")
            refuse_options(loaded.cls, self.options, self.label)
            self._loaded_code = loaded

    def make(self) -> object:
        """Return the class's instance."""
        self.import_code()
        if self._loaded_code is None:
            raise ModelError(f"{self.label}: was not imported")
        return self._loaded_code.cls(**self.options)

    def running(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Return a block in which the class's code runs."""
        return self._loaded_code.running(what) if self._loaded_code else contextlib.nullcontext()

    def __getstate__(self) -> dict[Any, Any]:
        """Leave out what another process makes anew: what was imported, and what is read."""
        state: dict[Any, Any] = super().__getstate__()
        private = dict(state["__pydantic_private__"] or {})
        kept = {name: value for name, value in state["__dict__"].items() if name != "_seal"}
        return {
            **state,
            "__dict__": kept,
            "__pydantic_private__": {**private, "_loaded_code": None, "_instance": None},
        }

    @cached_property
    def _seal(self) -> Seal:
        seal = Seal(self.label, lambda: self.code.paths)
        if seal.hashes != self.code.hashes:
            raise WeightsError(f"{self.label}: its files changed since the run began; run it again")
        return seal

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Answer for the files, which may not be touched while they are in use."""
        self._seal.untouched()
        yield
        if not self._seal.untouched():
            raise WeightsError(
                f"{self.label}: its files were touched while they were in use; run again when "
                "nothing writes to them"
            )
