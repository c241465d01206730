"""The lines of `predictions.jsonl`, read from the disk whenever they are gone through."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter

from harness.errors import DataError
from harness.files import validate
from harness.records import Task
from harness.stream import Stream

# What a line carries of a prediction as it is, under the same name.
CARRIED = (
    "rendered_sha256",
    "source_tokens",
    "kept_tokens",
    "output_tokens",
    "no_answer_probability",
    "finish",
    "prompt_tokens",
    "served_by",
    "cost",
    "error",
)


class Line(BaseModel):
    """One line of `predictions.jsonl`: what was said of an example, and what it got."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    model: str
    task: Task
    example: str
    key: str
    text: str
    raw: str | None
    rendered_sha256: str | None
    source_tokens: int | None
    kept_tokens: int | None
    output_tokens: int | None
    no_answer_probability: float | None = None
    finish: str | None = None
    prompt_tokens: int | None = None
    served_by: str | None = None
    cost: float | None = None
    cut: Mapping[str, float]
    error: str | None
    scores: Mapping[str, float]

    @property
    def cluster(self) -> str:
        """The article (or event) that the example is about: its id up to the first "/"."""
        return self.example.partition("/")[0]

    @property
    def name(self) -> tuple[str, str, str]:
        """What no other line of a run has: its model, task and example."""
        return self.model, self.task, self.example


_LINE = TypeAdapter(Line)


class Lines(Stream[Line]):
    """Some lines of a file, in some order; of each, 8 bytes are kept: where it begins."""

    def __init__(self, path: Path, begins: "array[int]") -> None:
        """Take the file and the byte at which each line begins."""
        super().__init__(len(begins), self._read)
        self._path = path
        self._begins = begins

    def pick(self, places: Iterable[int]) -> "Lines":
        """Return those of the lines that stand at some places, in the order given."""
        return Lines(self._path, array("q", (self._begins[place] for place in places)))

    def _read(self, start: int) -> Iterator[Line]:
        with self._path.open("rb") as file:
            here = 0
            for begin in self._begins[start:]:
                if begin != here:
                    file.seek(begin)
                text = file.readline()
                here = begin + len(text)
                yield _parsed(text, str(self._path), {}, self._path)


def pick(lines: Sequence[Line], places: Iterable[int]) -> Sequence[Line]:
    """Return those of the lines that stand at some places, in the order given."""
    if isinstance(lines, Lines):
        return lines.pick(places)
    return [lines[place] for place in places]


def read_lines(path: Path) -> Lines:
    """Return the lines of a file, each of them looked at; raise DataError with the line's number.

    That is for what is no line of predictions, and for a second prediction of one example.
    """
    begins, names = array("q"), array("Q")
    try:
        with path.open("rb") as file:
            here = 0
            for number, text in enumerate(file, 1):
                if text.strip():
                    line = _parsed(text, f"{path}:{number}", {(): number}, path)
                    begins.append(here)
                    names.append(_short(line))
                here += len(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    if len(np.unique(np.frombuffer(names, dtype=np.uint64))) < len(names):
        _refuse_second(path)
    return Lines(path, begins)


def _parsed(
    text: bytes, where: str, numbers: Mapping[tuple[int | str, ...], int], path: Path
) -> Line:
    try:
        content = json.loads(text)
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except ValueError as error:
        raise DataError(f"{where}: not valid JSON: {error}") from None
    return validate(_LINE, content, path, numbers)


def _short(line: Line) -> int:
    """Return 8 bytes of a hash of a line's name."""
    digest = hashlib.blake2b("\0".join(line.name).encode(), digest_size=8)
    return int.from_bytes(digest.digest())


def _refuse_second(path: Path) -> None:
    """Raise DataError at the first line whose name stood before, if any does."""
    seen: set[tuple[str, str, str]] = set()
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            if text.strip():
                name = _parsed(text, f"{path}:{number}", {}, path).name
                if name in seen:
                    told = " ".join(name)
                    raise DataError(f"{path}:{number}: a second prediction of {told}; keep one")
                seen.add(name)
