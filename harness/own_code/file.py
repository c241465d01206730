"""A class in a person's own file.

A file that a roster or a manifest names is somebody's program. What it says of itself is read
without running it, and it is known by its hash; `OwnCode.load` runs the very bytes that were
hashed. Modules beside it are imported for it alone, and only those that are named in `files`: any
other would change what it does without changing the hash.
"""

import ast
import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from harness.errors import DataError, ModelError, UsageError
from harness.files import canonical_json, refuse_no_file, sha256
from harness.own_code.loaded import LoadedFile, seen_from

_COMPILED = "__pycache__"


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
                    paths[seen_from(self.file.parent, one)] = one
        return paths

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each of those files, by name; raises DataError for one that is not there.

        They are taken once: what `load` runs is held against them.
        """
        return {name: sha256(_content(path)) for name, path in self.paths.items()}

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
            tree = ast.parse(_content(self.file))
        except (SyntaxError, ValueError) as error:
            line = f"{self.file}:{error.lineno}" if isinstance(error, SyntaxError) else self.file
            message = error.msg if isinstance(error, SyntaxError) else error
            raise DataError(f"{line}: is no Python: {message}") from None
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        if self.class_name not in classes:
            known = f"; it has {', '.join(classes)}" if classes else "; it has none"
            if self.class_name in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}:
                known = ", but a function of that name; make it a method of a class"
            raise DataError(f"{self.file}: has no class {self.class_name!r}{known}")
        return classes[self.class_name]

    def load(self, method: str) -> LoadedFile:
        """Run the file and return its class; raise ModelError where that fails, on one line.

        `method` is what the class must have.
        """
        source = self.file.read_bytes()
        if sha256(source) != self.hashes[self.file.name]:
            raise ModelError(f"{self.file}: changed since its hash was taken; run again")
        loaded = LoadedFile(self.label, self.file, self.hashes)
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


def parse_own_code(text: str, option: str, method: str) -> OwnCode:
    """Return the class that FILE:CLASS names; raise UsageError, in the name of an option.

    DataError where the file, which is not run, has no such class, or the class no such method.
    """
    file, colon, class_name = text.rpartition(":")
    if not colon or not file or not class_name.isidentifier():
        raise UsageError(f"{option} {text}: must be FILE:CLASS, such as my_metric.py:MyMetric")
    path = Path(file).expanduser()
    if not path.is_file():
        raise UsageError(f"{option} {text}: there is no file {file}")
    code = OwnCode(path.resolve(), class_name)
    code.refuse_without(method)
    return code


def _content(path: Path) -> bytes:
    """Return a file's content; raise DataError for one that cannot be read."""
    try:
        refuse_no_file(path)
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
