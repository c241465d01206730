"""The boundary with the disk: parse, validate, write so that nothing is lost.

What a person wrote is validated into frozen records; an error names the file, the line where
the format knows it, and the field.
"""

import contextlib
import hashlib
import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from harness.errors import DataError, StoreError

Location = tuple[int | str, ...]
T = TypeVar("T")

_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def sha256(data: bytes | str) -> str:
    """Return the hexadecimal SHA-256 of bytes, or of a text's UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def canonical_json(value: object) -> str:
    """Return the one JSON text for `value`: sorted keys, no spaces, no NaN."""
    return _CANONICAL.encode(value)


def package_path(name: str) -> Path:
    """Return where a part of the package lies, in a checkout and in a wheel alike: `demo`."""
    return Path(__file__).parent / name


def shipped_path(name: str) -> Path:
    """Return where the package keeps something that ships with it: `prompts`, `models.toml`.

    In a checkout that is the project's folder, in an installed wheel a folder in the package. The
    seeds, which are not licensed for reuse, and their goldens are in a checkout only.
    """
    inside = package_path("shipped")
    return (inside if inside.is_dir() else package_path("").parent) / name


def read_text(path: Path) -> str:
    """Return a UTF-8 file's text; raise DataError if it cannot be read as that."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's content; raise DataError with the line if it is no TOML."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: not valid TOML: {error}") from None


def read_yaml(path: Path) -> tuple[Any, dict[Location, int]]:
    """Return a YAML file's content, and the line (from 1) where each field begins.

    Raises DataError with the line for what is no YAML, and for a key given twice, which YAML
    loaders otherwise drop in silence.
    """
    lines: dict[Location, int] = {}
    try:
        loader = yaml.SafeLoader(read_text(path))
        root = loader.get_single_node()
        if root is None:
            raise DataError(f"{path}: the file is empty")
        _collect_lines(path, root, (), lines)
        return loader.construct_document(root), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise DataError(f"{where}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise DataError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None


def _collect_lines(
    path: Path, node: yaml.Node, location: Location, lines: dict[Location, int]
) -> None:
    lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _collect_lines(path, item, (*location, index), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            field = (*location, str(key.value))
            line = key.start_mark.line + 1
            if field in lines:
                raise DataError(f"{path}:{line}: {_field_path(field)} is given twice; keep one")
            _collect_lines(path, value, field, lines)
            lines[field] = line


def validate(
    adapter: TypeAdapter[T],
    value: object,
    path: Path,
    lines: Mapping[Location, int] | None = None,
    context: object = None,
    prefix: Location = (),
) -> T:
    """Return `value` as the adapter's type; raise DataError naming file, line and field.

    `prefix` is where `value` stands in the file, `context` goes to the validators.
    """
    try:
        return adapter.validate_python(value, context=context)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        first = problems[0]
        location = (*prefix, *first["loc"])
        line = _nearest_line(location, lines or {})
        where = f"{path}:{line}" if line else str(path)
        field = f"{_field_path(location)}: " if location else ""
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DataError(
            f"{where}: {field}{_plain_message(first['type'], first['msg'])}{others}"
        ) from None


def _nearest_line(location: Location, lines: Mapping[Location, int]) -> int | None:
    for length in range(len(location), -1, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return None


def _field_path(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _plain_message(kind: str, message: str) -> str:
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return "unknown key; remove it or correct its spelling"
    if kind in ("missing", "missing_argument"):
        return "is missing; add it"
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message[:1].lower() + message[1:]


def make_folder(path: Path) -> None:
    """Make a folder and its parents and see that it can be written; raise StoreError if not."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); choose another folder with --out"
        ) from None


def write_lines(path: Path, lines: Iterable[str]) -> str:
    """Write lines, each with its end, as `write_atomically` does; return the SHA-256 of all.

    No more than one line lies in memory. Raises StoreError.
    """
    digest = hashlib.sha256()
    with replacing(path) as temporary, temporary.open("wb") as file:
        for line in lines:
            encoded = line.encode()
            digest.update(encoded)
            file.write(encoded)
    return digest.hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never less.

    Raises StoreError.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file in the same folder, which becomes `path` if the block ends well.

    It is flushed to the disk and renamed; then the folder is flushed too. Raises StoreError.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
