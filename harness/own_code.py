"""Classes that are not of this package: in a person's file, or in an installed package.

A file that a roster or a manifest names is somebody's program. What it says of itself is read
without running it, and it is known by its hash; `OwnCode.load` runs the very bytes that were
hashed. Modules beside it are imported for it alone, and only those that are named in `files`: any
other would change what it does without changing the hash.
"""

import ast
import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Protocol

from harness.errors import DataError, ModelError, UsageError
from harness.files import canonical_json, sha256

# The entry points by which an installed package offers kinds of model, and metrics.
KIND_GROUP = "golden_harness.models"
METRIC_GROUP = "golden_harness.metrics"

_COMPILED = "__pycache__"


class Code(Protocol):
    """What a class is found by that is not of this package."""

    @property
    def label(self) -> str:
        """How a message names it."""

    @property
    def origin(self) -> str:
        """Where a signature says that it is from."""

    @property
    def options(self) -> Mapping[str, object]:
        """What it is made with."""

    @property
    def fingerprint(self) -> str:
        """One hash over all that it is."""

    def load(self, method: str) -> "Loaded":
        """Import it; raise ModelError on one line, also where it lacks a method."""


# Such a class, and the name that it was given where that is not its own.
NamedCode = tuple[Code, str | None]


@dataclass(frozen=True)
class OwnCode:
    """A class in a file, what it is made with, and the other files that it reads or imports.

    `files` are paths; a folder stands for all files in it.
    """

    file: Path
    class_name: str
    options: Mapping[str, object] = field(default_factory=dict)
    files: Sequence[Path] = ()

    @property
    def label(self) -> str:
        """How a message names it: `my_model.py:MyModel`."""
        return f"{self.file.name}:{self.class_name}"

    @property
    def origin(self) -> str:
        """Where a signature says that it is from."""
        return f"file:{self.file.name}"

    @property
    def paths(self) -> dict[str, Path]:
        """Return every file that counts, by its name as seen from the class's own file."""
        paths = {self.file.name: self.file}
        for path in self.files:
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            for one in inside:
                hidden = [part for part in one.parts[len(path.parts) :] if part[:1] == "."]
                if (one.is_file() or one == path) and not hidden and _COMPILED not in one.parts:
                    paths[_seen_from(self.file.parent, one)] = one
        return paths

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each of those files, by name; raises DataError for one that is not there.

        They are taken once: what `load` runs is held against them.
        """
        hashes = {}
        for name, path in self.paths.items():
            try:
                hashes[name] = sha256(path.read_bytes())
            except OSError as error:
                raise DataError(f"{path}: cannot be read: {error.strerror}") from None
        return hashes

    @property
    def fingerprint(self) -> str:
        """One hash over the files, the class and its options."""
        return sha256(canonical_json([self.hashes, self.class_name, self.options]))

    def written_list(self, name: str) -> list[str] | None:
        """Return a tuple or list of texts that the class's body has under a name, else `None`.

        Nothing is run. Raises DataError for a file that is no Python, or has no such class.
        """
        for node in self._definition.body:
            targets: Sequence[ast.expr] = ()
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                targets = [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                with contextlib.suppress(ValueError):
                    value = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                    return (
                        [str(item) for item in value] if isinstance(value, tuple | list) else None
                    )
        return None

    def refuse_without(self, method: str) -> None:
        """Raise DataError if the class cannot have a method: it has neither that nor a parent."""
        named = {getattr(node, "name", None) for node in self._definition.body}
        assigned = any(isinstance(node, ast.Assign) for node in self._definition.body)
        if method not in named and not self._definition.bases and not assigned:
            raise DataError(
                f"{self.file}: the class {self.class_name} has no `{method}`; write one"
            )

    @cached_property
    def _definition(self) -> ast.ClassDef:
        try:
            tree = ast.parse(self.file.read_bytes())
        except OSError as error:
            raise DataError(f"{self.file}: cannot be read: {error.strerror}") from None
        except (SyntaxError, ValueError) as error:
            line = f"{self.file}:{error.lineno}" if isinstance(error, SyntaxError) else self.file
            message = error.msg if isinstance(error, SyntaxError) else error
            raise DataError(f"{line}: is no Python: {message}") from None
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        if self.class_name not in classes:
            known = f"; it has {', '.join(classes)}" if classes else "; it has none"
            raise DataError(f"{self.file}: has no class {self.class_name!r}{known}")
        return classes[self.class_name]

    def load(self, method: str) -> "LoadedFile":
        """Run the file and return its class; raise ModelError where that fails, on one line.

        `method` is what the class must have.
        """
        source = self.file.read_bytes()
        if sha256(source) != self.hashes[self.file.name]:
            raise ModelError(f"{self.file}: changed since its hash was taken; run again")
        loaded = LoadedFile(self)
        name = f"_own_{self.file.stem}_{self.fingerprint[:12]}"
        module = ModuleType(name)
        module.__file__ = str(self.file)
        sys.modules[name] = module
        with loaded.running("cannot be imported"):
            exec(compile(source, str(self.file), "exec"), module.__dict__)  # noqa: S102
        found = getattr(module, self.class_name, None)
        if not isinstance(found, type):
            raise ModelError(f"{self.file}: {self.class_name} is no class; name one")
        if not callable(getattr(found, method, None)):
            raise ModelError(f"{self.file}: the class {self.class_name} has no `{method}`")
        loaded.cls = found
        return loaded


@dataclass(frozen=True)
class InstalledCode:
    """What an installed package offers under a name by an entry point, and what it is made with."""

    entry: EntryPoint
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How a message names it: `bleurt of their-package`."""
        return f"{self.entry.name} of {self.package}"

    @property
    def origin(self) -> str:
        """Where a signature says that it is from."""
        return f"package:{self.package}"

    @property
    def package(self) -> str:
        """The package and its version."""
        return f"{self.entry.dist.name} {self.entry.dist.version}" if self.entry.dist else "?"

    @property
    def fingerprint(self) -> str:
        """One hash over the package's version, the class and its options."""
        return sha256(canonical_json([self.package, self.entry.value, self.options]))

    def load(self, method: str) -> "Loaded":
        """Import the class and return it; raise ModelError where that fails, on one line."""
        loaded = Loaded(self.label)
        with loaded.running("cannot be imported"):
            found = self.entry.load()
        if not isinstance(found, type) or not callable(getattr(found, method, None)):
            raise ModelError(f"{self.label}: {self.entry.value} is no class with `{method}`")
        loaded.cls = found
        return loaded


def installed(group: str) -> dict[str, EntryPoint]:
    """Return what installed packages offer under a group of entry points, by name."""
    return {entry.name: entry for entry in entry_points(group=group)}


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

    def __init__(self, code: OwnCode) -> None:
        """Take what it is of."""
        super().__init__(code.label)
        self.code = code
        self._modules: dict[str, ModuleType] = {}

    @contextlib.contextmanager
    def running(self, what: str) -> Iterator[None]:
        """Run a block of its code: modules beside the file can be imported meanwhile.

        Those that `files` does not name are refused.
        """
        folder = str(self.code.file.parent)
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
        at = self.code.file.parent.joinpath(*name.split("."))
        if file is None or Path(file) not in (at.with_suffix(".py"), at / "__init__.py"):
            return None
        return Path(file)

    def _reason(self, error: Exception) -> str:
        """Return what went wrong, with the line of the file where it did."""
        line, trace = None, error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == str(self.code.file):
                line = trace.tb_lineno
            trace = trace.tb_next
        return super()._reason(error) + (f" (line {line})" if line else "")

    def _refuse_unnamed(self) -> None:
        for name, module in self._modules.items():
            place = self._place(name, module)
            if place and _seen_from(self.code.file.parent, place) not in self.code.hashes:
                raise ModelError(
                    f"{self.label}: imports {place.name}, whose hash nothing holds; name it "
                    f'in  files = ["{_seen_from(self.code.file.parent, place)}"]'
                )


def parse_own_code(text: str, option: str) -> OwnCode:
    """Return the class that FILE:CLASS names; raise UsageError, in the name of an option."""
    file, colon, class_name = text.rpartition(":")
    if not colon or not file or not class_name.isidentifier():
        raise UsageError(f"{option} {text}: must be FILE:CLASS, such as my_metric.py:MyMetric")
    path = Path(file).expanduser()
    if not path.is_file():
        raise UsageError(f"{option} {text}: there is no file {file}")
    return OwnCode(path.resolve(), class_name)


def _seen_from(folder: Path, path: Path) -> str:
    """Return a path from a folder on; one that leads out of it would tell of this machine."""
    return Path(os.path.relpath(path, folder)).as_posix()
