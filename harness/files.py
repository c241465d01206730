"""The boundary with the disk: parse, and write so that nothing is lost.

What a person wrote is parsed with the line of each field, for messages: see `harness.validation`.
"""

import contextlib
import hashlib
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from harness.encoding import not_utf8
from harness.errors import DataError, Problem, Problems, StoreError, UsageError

Location = tuple[int | str, ...]
_COMMENT = re.compile(r"[ \t]+(#.{0,20})")

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


class DuplicateKeyError(ValueError):
    """A JSON object has a key twice."""


def parse_json(text: str | bytes, parse_constant: Callable[[str], object] | None = None) -> Any:
    """Return what a JSON text says; raise ValueError, of a key given twice DuplicateKeyError.

    Parsers take the last of two in silence. `parse_constant` is called for NaN and Infinity, which
    are no JSON and are read as numbers otherwise.
    """
    return json.loads(text, parse_constant=parse_constant, object_pairs_hook=_reject_duplicate_keys)


def _reject_duplicate_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        (duplicate, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise DuplicateKeyError(f"{duplicate!r} is given twice in one object")
    return parsed


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
        raise DataError(Problem(path, not_utf8(error.object[:4], error.start))) from None
    except OSError as error:
        raise DataError(Problem(path, f"cannot be read: {error.strerror}")) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's content; raise DataError with the line if it is no TOML."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise DataError(Problem(path, f"not valid TOML: {error}")) from None


def read_toml_with_lines(path: Path) -> tuple[dict[str, Any], dict[Location, int]]:
    """Return a TOML file's content, and the line (from 1) where each table and key begins.

    Raises DataError as `read_toml` does.
    """
    return read_toml(path), _toml_lines(read_text(path))


def _toml_lines(text: str) -> dict[Location, int]:
    """Return where each header and each key of a sound TOML text begins.

    The parser tells no lines. But a header, or a key with its value, is TOML by itself, and a part
    of one is not: so each is read alone.
    """
    lines: dict[Location, int] = {}
    last: dict[Location, int] = {}  # the number of the newest table of each `[[array]]`
    table: Location = ()
    statement, first_line = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        statement += line + "\n"
        try:
            value: object = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        is_header = statement.lstrip().startswith("[")
        location: Location = () if is_header else table
        while isinstance(value, dict) and value:
            key, value = next(iter(value.items()))
            location = (*location, key)
            if is_header and isinstance(value, list):
                last[location] = last.get(location, -1) + 1
            if location in last:
                location = (*location, last[location])
            lines.setdefault(location, first_line)
        if is_header:
            table = location
        statement, first_line = "", number + 1
    return lines


def read_yaml(path: Path) -> tuple[Any, dict[Location, int]]:
    """Return a YAML file's content, and the line (from 1) where each field begins.

    A key is a text, also where YAML would take it for a number, a date or a "no". Raises DataError
    with the line for what is no YAML, for all keys given twice, which YAML loaders otherwise drop
    in silence, and for texts without quotes that a comment cuts short.
    """
    lines: dict[Location, int] = {}
    problems = Problems()
    text = read_text(path)
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            raise DataError(Problem(path, "the file is empty"))
        _collect_lines(path, root, (), lines, problems)
        for location, comment in _cut_texts(root, (), text):
            message = f"is cut off at {comment!r}, a comment; quote the text, or move the comment"
            problems.append(Problem(path, message, field_path(location), lines[location]))
        problems.raise_any()
        return loader.construct_document(root), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem or error.context}"
        raise DataError(Problem(path, message, line=mark.line + 1 if mark else None)) from None
    except RecursionError:
        message = "not usable YAML: it is nested too deeply, or holds itself"
        raise DataError(Problem(path, message)) from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"not valid YAML: {' '.join(str(error).split())}"
        raise DataError(Problem(path, message)) from None


def _collect_lines(
    path: Path, node: yaml.Node, location: Location, lines: dict[Location, int], problems: Problems
) -> None:
    lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _collect_lines(path, item, (*location, index), lines, problems)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            field = (*location, str(key.value))
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                key.tag = "tag:yaml.org,2002:str"
            if field in lines:
                message = f"is given twice, first at line {lines[field]}; keep one"
                problems.append(Problem(path, message, field_path(field), line))
            _collect_lines(path, value, field, lines, problems)
            lines[field] = line


def _cut_texts(node: yaml.Node, location: Location, text: str) -> Iterator[tuple[Location, str]]:
    """Yield where a text without quotes is followed by a comment, and how that begins."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _cut_texts(item, (*location, index), text)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _cut_texts(value, (*location, str(key.value)), text)
    elif isinstance(node, yaml.ScalarNode) and node.style is None:
        comment = _COMMENT.match(text, node.end_mark.index)
        if comment and node.tag == "tag:yaml.org,2002:str":
            yield location, comment[1]


def field_path(location: Location) -> str:
    """Return a place within a file as a person reads it.

    >>> field_path(("questions", 0, "text"))
    'questions[0].text'
    """
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


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


def refuse_foreign_file(path: Path, beginning: str, what: str, option: str) -> None:
    """Raise UsageError if a file is there that does not begin as those of its kind do.

    An empty file is nobody's. `beginning` is a pattern, `what` names the kind.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(2000).decode("utf-8", "replace")
    if start and not re.match(beginning, start, re.DOTALL):
        raise UsageError(
            f"{option} {path}: is there already and is no {what}; it is not overwritten, so choose "
            "another name"
        )


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
