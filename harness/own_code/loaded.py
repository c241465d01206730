"""A class that was imported, and how its code is run."""

import contextlib
import importlib
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType

from harness.errors import ModelError


class Loaded:
    """A class that was imported."""

    cls: type

    def __init__(self, label: str) -> None:
        """Take how messages name it; who loads it sets the class."""
        self.label = label

    @contextlib.contextmanager
    def running(self, what: str) -> Iterator[None]:
        """Run a block of its code, whose stdout is stderr: a ModelError says `what` and why."""
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield
        except SystemExit as error:
            raise ModelError(f"{self.label}: {what}: it called exit({error.code})") from None
        except Exception as error:
            raise ModelError(f"{self.label}: {what}: {self._reason(error)}") from None

    def _reason(self, error: Exception) -> str:
        return " ".join(f"{type(error).__name__}: {error}".split())[:400]


class LoadedFile(Loaded):
    """A class that was imported from its file, with the modules beside it."""

    def __init__(self, label: str, file: Path, names: Collection[str]) -> None:
        """Take the file, and the names of all whose hashes are known, as `seen_from` has them."""
        super().__init__(label)
        self._file, self._names = file, names
        self._modules: dict[str, ModuleType] = {}

    @contextlib.contextmanager
    def running(self, what: str) -> Iterator[None]:
        """Run a block of its code: modules beside the file can be imported meanwhile.

        Those that `files` does not name are refused.
        """
        folder = str(self._file.parent)
        before = {name.partition(".")[0] for name in sys.modules}
        sys.path.insert(0, folder)
        sys.modules.update(self._modules)
        importlib.invalidate_caches()
        try:
            with super().running(what):
                yield
        finally:
            with contextlib.suppress(ValueError):
                sys.path.remove(folder)
            self._keep_apart(before)
        self._refuse_unnamed()

    def _keep_apart(self, before: set[str]) -> None:
        """Take the modules beside the file out of what all others import."""
        for name, module in list(sys.modules.items()):
            if name in self._modules or (
                name.partition(".")[0] not in before and self._place(name, module)
            ):
                self._modules[name] = module
                del sys.modules[name]

    def _place(self, name: str, module: ModuleType) -> Path | None:
        """Return the file of a module that lies beside the class's own, else `None`."""
        file = getattr(module, "__file__", None)
        at = self._file.parent.joinpath(*name.split("."))
        if file is None or Path(file) not in (at.with_suffix(".py"), at / "__init__.py"):
            return None
        return Path(file)

    def _reason(self, error: Exception) -> str:
        """Return what went wrong, with the line of the file where it did."""
        line, trace = None, error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == str(self._file):
                line = trace.tb_lineno
            trace = trace.tb_next
        return super()._reason(error) + (f" (line {line})" if line else "")

    def _refuse_unnamed(self) -> None:
        for name, module in self._modules.items():
            place = self._place(name, module)
            if place and seen_from(self._file.parent, place) not in self._names:
                raise ModelError(
                    f"{self.label}: imports {place.name}, whose hash nothing holds; name it "
                    f'in  files = ["{seen_from(self._file.parent, place)}"]'
                )


def seen_from(folder: Path, path: Path) -> str:
    """Return a path from a folder on; one that leads out of it would tell of this machine."""
    return Path(os.path.relpath(path, folder)).as_posix()
