"""The lines of `predictions.jsonl`, read from the disk whenever they are gone through."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import DataError
from harness.files import canonical_json, validate
from harness.leaderboard.evidence import cut_of, evidence_seen
from harness.leaderboard.leaderboard import Leaderboard
from harness.records import Candidate, Prediction, Scope, Scored, Step, Task
from harness.stream import Stream

RowName = tuple[str, Task, Scope]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class StepLine(_Part):
    """A window's summary, as in `harness.records.Step`."""

    level: int
    rendered_sha256: str
    text: str


class CandidateLine(_Part):
    """An answer that was weighed, as in `harness.records.Candidate`."""

    text: str
    start: int
    end: int
    score: float


_Range = Annotated[tuple[int, int], Field(strict=False)]


class Line(_Part):
    """One line of `predictions.jsonl`: what was said of an example, and what it got.

    The fields that a prediction has too are as it has them; `raw` is left out where it is `text`.
    In the file, all that is as by default is left out.
    """

    model: str
    task: Task
    example: str
    key: str
    text: str
    raw: str | None = None
    rendered_sha256: str | None = None
    source_tokens: int | None = None
    kept_tokens: int | None = None
    output_tokens: int | None = None
    span: _Range | None = None
    confidence: float | None = None
    no_answer_probability: float | None = None
    windows: int | None = None
    candidates: Annotated[tuple[CandidateLine, ...], Field(strict=False)] = ()
    finish: str | None = None
    prompt_tokens: int | None = None
    served_by: str | None = None
    cost: float | None = None
    dropped: Annotated[tuple[_Range, ...], Field(strict=False)] = ()
    steps: Annotated[tuple[StepLine, ...], Field(strict=False)] = ()
    cut: Mapping[str, float] = {}
    """The share of each article's characters that the model did not see, where any."""
    evidence_seen: bool | None = None
    """Whether the golden's evidence was in what the model saw; told where something was cut."""
    error: str | None = None
    scores: Mapping[str, float]

    def content(self) -> dict[str, object]:
        """Return what stands in the file."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def prediction(self) -> Prediction:
        """The prediction, without what it cost in time and memory."""
        return Prediction(
            text=self.text,
            raw=self.text if self.raw is None else self.raw,
            candidates=tuple(Candidate(**dict(one)) for one in self.candidates),
            steps=tuple(Step(**dict(one)) for one in self.steps),
            **{name: getattr(self, name) for name in _AS_IT_IS},
        )

    @property
    def cluster(self) -> str:
        """The article (or event) that the example is about: its id up to the first "/"."""
        return self.example.partition("/")[0]

    @property
    def name(self) -> tuple[str, str, str]:
        """What no other line of a run has: its model, task and example."""
        return self.model, self.task, self.example


# What a line has of a prediction as it is there.
_AS_IT_IS = (
    "rendered_sha256", "source_tokens", "kept_tokens", "output_tokens", "span", "confidence",
    "no_answer_probability", "windows", "finish", "prompt_tokens", "served_by", "cost", "dropped",
    "error",
)  # fmt: skip
_LINE = TypeAdapter(Line)


def line_of(model: str, scored: Scored) -> Line:
    """Return the line of one model's prediction."""
    made = scored.prediction
    return Line(
        model=model,
        task=scored.example.query.task,
        example=scored.example.id,
        key=scored.key,
        text=made.text,
        raw=made.raw if made.raw != made.text else None,
        candidates=tuple(CandidateLine(**asdict(one)) for one in made.candidates),
        steps=tuple(StepLine(**asdict(one)) for one in made.steps),
        cut=cut_of(scored),
        evidence_seen=evidence_seen(scored) if made.dropped else None,
        scores=dict(scored.scores),
        **{name: getattr(made, name) for name in _AS_IT_IS},
    )


def prediction_lines(
    board: Leaderboard, scored: Mapping[RowName, Sequence[Scored]]
) -> Iterator[str]:
    """Yield one JSON line a prediction, in the leaderboard's order: what was said, what it got.

    `scored` has the predictions of each row by its model, task and scope; a row without any
    (people) has no lines.

    Nothing in it depends on the clock, so two runs on one machine write the same file.
    """
    for one_row in board.rows:
        for one in scored.get((one_row.model, one_row.task, one_row.scope), ()):
            yield canonical_json(line_of(one_row.model, one).content()) + "\n"


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
