"""The boundary with the disk: parse, and write so that nothing is lost.

What a person wrote is parsed with the line of each field, for messages: see `harness.validation`.
"""

import contextlib
import hashlib
import json
import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from harness.bounded.digits import parser_told
from harness.bounded.toml_text import toml_problem
from harness.encoding import IS_LFS_POINTER, is_lfs_pointer, not_utf8
from harness.errors import DataError, Problem, StoreError, UsageError

Location = tuple[int | str, ...]

# A statement is parsed anew with each line that it goes on: so many characters in all.
_MOST_PARSED = 50_000_000
_DEV = ("/", "dev")


def _fields_of_record(value: object) -> dict[str, object]:
    """Return a record's fields by name: half of `dataclasses.asdict`'s time is to copy values."""
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is None:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return {name: getattr(value, name) for name in names}


_CANONICAL = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    default=_fields_of_record,
)


def sha256(data: bytes | str) -> str:
    """Return the hexadecimal SHA-256 of bytes, or of a text's UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def canonical_json(value: object) -> str:
    """Return the one JSON text for `value`: sorted keys, no spaces, no NaN; records are objects."""
    return _CANONICAL.encode(value)


def flat_fields(value: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested names and values as one flat list of texts.

    >>> list(flat_fields({"threads": 2, "packages": {"numpy": "2.4"}}))
    [('threads', '2'), ('packages.numpy', '2.4')]
    """
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from flat_fields(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner if isinstance(inner, str) else canonical_json(inner)


class DuplicateKeyError(ValueError):
    """A JSON object has a key twice."""


def parse_json(text: str | bytes, *, strict: bool = False) -> Any:
    """Return what a JSON text says; raise ValueError, of a key given twice DuplicateKeyError.

    Parsers take the last of two in silence. NaN and Infinity, which are no JSON, are read as
    numbers, as others write them; where it is `strict` they are refused.
    """
    try:
        if not strict and isinstance(text, str):
            return _DECODER.decode(text)  # of many lines, making a decoder of each is felt
        constant = _reject_constant if strict else None
        return json.loads(text, parse_constant=constant, object_pairs_hook=_reject_duplicate_keys)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except (json.JSONDecodeError, DuplicateKeyError, UnicodeDecodeError):
        raise
    except ValueError as error:
        raise ValueError(parser_told(error)) from None


def _reject_duplicate_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        (duplicate, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise DuplicateKeyError(f"{duplicate!r} is given twice in one object")
    return parsed


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_reject_duplicate_keys)


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
        refuse_no_file(path)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(Problem(path, not_utf8(error.object[:4], error.start))) from None
    except OSError as error:
        raise DataError(Problem(path, f"cannot be read: {error.strerror}")) from None


def refuse_no_file(path: Path) -> None:
    """Raise DataError for what lies where a file should be; OSError if nothing does.

    To read a pipe or a device may take for ever. Those below /dev a person has named: `<(command)`,
    /dev/stdin. What Git LFS leaves in a file's place would be read as if it were that.
    """
    mode = path.stat().st_mode
    endless = stat.S_ISCHR(mode) and path.resolve() != Path(os.devnull)
    if endless or (not stat.S_ISREG(mode) and not stat.S_ISDIR(mode) and path.parts[:2] != _DEV):
        raise DataError(Problem(path, "is a pipe or a device; put the file itself there"))
    if stat.S_ISREG(mode) and is_lfs_pointer(path):
        raise DataError(Problem(path, IS_LFS_POINTER))


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's content; raise DataError with the line if it is no TOML."""
    text = read_text(path)
    if problem := toml_problem(text):
        message, line = problem
        raise DataError(Problem(path, f"not usable TOML: {message}", line=line))
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        told = parser_told(error)
        quotes = '; a name with a space or a dot is in quotes, ["my model"]' * ("table" in told)
        raise DataError(Problem(path, f"not valid TOML: {told}{quotes}")) from None
    except RecursionError:
        raise DataError(Problem(path, "not usable TOML: it is nested too deeply")) from None


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
    to_parse = _MOST_PARSED
    for number, line in enumerate(text.split("\n"), start=1):
        statement += line + "\n"
        to_parse -= len(statement)
        if to_parse < 0:  # one statement over many thousands of lines: messages do without lines
            break
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
