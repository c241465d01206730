"""The lines of `predictions.jsonl`, read from the disk whenever they are gone through."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import DataError
from harness.files import canonical_json, parse_json, refuse_no_file
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.line_places import LineOffsets, Places, compact
from harness.leaderboard.rows.evidence import cut_share_by_article, evidence_seen
from harness.records import Candidate, Prediction, Scope, ScoredPrediction, Step, Task
from harness.stream import Stream
from harness.validation.validation import validate_output

RowKey = tuple[str, Task, Scope]


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


class RepeatLine(_Part):
    """What was said of an example the `repeat`-th time that a model was asked, and what it got.

    The fields that a prediction has too are as it has them; `raw` is left out where it is `text`.
    In the file, all that is as by default is left out.
    """

    repeat: int = 1
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
    error: str | None = None
    missing: bool = False
    """Whether the file of outputs has none for the example, which scores 0."""
    probability_place: int | None = None
    """Where the no-answer probability stands in its file, if that is in another order."""
    scores: Mapping[str, float]

    @property
    def prediction(self) -> Prediction:
        """The prediction, without what it cost in time and memory."""
        return Prediction(
            text=self.text,
            raw=self.text if self.raw is None else self.raw,
            candidates=tuple(Candidate(**dict(candidate)) for candidate in self.candidates),
            steps=tuple(Step(**dict(step)) for step in self.steps),
            **{name: getattr(self, name) for name in _SAME_FIELDS},
        )


class PredictionLine(RepeatLine):
    """One line of `predictions.jsonl`: what was said of an example, and what it got.

    Of a model that was asked several times, it has the first text that did not fail, with its
    `own_scores`; `repeats` has the others, and `scores` the means over all that did not fail.
    """

    model: str
    task: Task
    example: str
    cut: Mapping[str, float] = Field(default_factory=dict)
    """The share of each article's characters that the model did not see, where any."""
    evidence_seen: bool | None = None
    """Whether the golden's evidence was in what the model saw; told where something was cut."""
    own_scores: Mapping[str, float] = Field(default_factory=dict)
    repeats: Annotated[tuple[RepeatLine, ...], Field(strict=False)] = ()

    def content(self) -> dict[str, object]:
        """Return what stands in the file."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def parts(self) -> tuple[RepeatLine, ...]:
        """What was said each time that the model was asked, in that order."""
        return tuple(sorted((self, *self.repeats), key=lambda part: part.repeat))

    @property
    def cluster(self) -> str:
        """The article (or event) that the example is about: its id up to the first "/"."""
        return self.example.partition("/")[0]

    @property
    def name(self) -> tuple[str, str, str]:
        """What no other line of a run has: its model, task and example."""
        return self.model, self.task, self.example


# What a line has of a prediction as it is there.
_SAME_FIELDS = (
    "rendered_sha256", "source_tokens", "kept_tokens", "output_tokens", "span", "confidence",
    "no_answer_probability", "windows", "finish", "prompt_tokens", "served_by", "cost", "dropped",
    "error", "missing", "probability_place",
)  # fmt: skip
_LINE = TypeAdapter(PredictionLine)


def prediction_line(model: str, scored: ScoredPrediction) -> PredictionLine:
    """Return the line of one model's prediction."""
    prediction = scored.prediction
    return PredictionLine(
        model=model,
        task=scored.example.query.task,
        example=scored.example.id,
        repeat=scored.number,
        key=scored.key,
        cut=cut_share_by_article(scored),
        evidence_seen=evidence_seen(scored) if prediction.dropped else None,
        scores=dict(scored.scores),
        own_scores=dict(scored.own_scores),
        repeats=tuple(
            RepeatLine(
                repeat=part.number,
                key=part.key,
                scores=dict(part.scores),
                **_prediction_fields(part.prediction),
            )
            for part in scored.repeats
        ),
        **_prediction_fields(prediction),
    )


def _prediction_fields(prediction: Prediction) -> dict[str, Any]:
    """Return what a line has of a prediction."""
    return {
        "text": prediction.text,
        "raw": prediction.raw if prediction.raw != prediction.text else None,
        "candidates": tuple(
            CandidateLine(**asdict(candidate)) for candidate in prediction.candidates
        ),
        "steps": tuple(StepLine(**asdict(step)) for step in prediction.steps),
        **{name: getattr(prediction, name) for name in _SAME_FIELDS},
    }


def prediction_lines(
    board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]]
) -> Iterator[str]:
    """Yield one JSON line a prediction, in the leaderboard's order: what was said, what it got.

    `scored` has the predictions of each row by its model, task and scope; a row without any
    (people) has no lines.

    Nothing in it depends on the clock, so two runs on one machine write the same file.
    """
    for row in board.rows:
        for scored_prediction in scored.get((row.model, row.task, row.scope), ()):
            yield canonical_json(prediction_line(row.model, scored_prediction).content()) + "\n"


class PredictionLines(Stream[PredictionLine]):
    """Some lines of a file, in some order; of those that follow each other nothing is held."""

    def __init__(self, path: Path, offsets: LineOffsets, places: Places) -> None:
        """Take the file, where its lines begin, and which of them these are."""
        super().__init__(len(places), self._read)
        self._path, self._offsets, self._places = path, offsets, places

    def select(self, positions: Iterable[int]) -> "PredictionLines":
        """Return those of the lines that stand at some positions, in the order given."""
        places = compact(self._places[position] for position in positions)
        return PredictionLines(self._path, self._offsets, places)

    def _read(self, start: int) -> Iterator[PredictionLine]:
        with self._path.open("rb") as file:
            for text in self._offsets.read(file, self._places[start:]):
                yield _parse_line(text, str(self._path), {}, self._path)


def select_lines(
    lines: Sequence[PredictionLine], positions: Iterable[int]
) -> Sequence[PredictionLine]:
    """Return those of the lines that stand at some positions, in the order given."""
    if isinstance(lines, PredictionLines):
        return lines.select(positions)
    return [lines[position] for position in positions]


def read_lines(path: Path) -> PredictionLines:
    """Return the lines of a file, each of them looked at; raise DataError with the line's number.

    That is for what is no line of predictions, and for a second prediction of one example.
    """
    offsets, name_hashes = LineOffsets(), array("Q")
    try:
        refuse_no_file(path)
        with path.open("rb") as file:
            offset = 0
            for number, text in enumerate(file, 1):
                if text.strip():
                    line = _parse_line(text, f"{path}:{number}", {(): number}, path)
                    offsets.add(offset)
                    name_hashes.append(_name_hash(line))
                offset += len(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    hashes = np.frombuffer(name_hashes, dtype=np.uint64)
    hashes.sort()  # in its place: of a large run a copy is felt
    if (hashes[1:] == hashes[:-1]).any():
        _refuse_duplicate(path)
    return PredictionLines(path, offsets, range(len(offsets)))


def _parse_line(
    text: bytes, where: str, line_numbers: Mapping[tuple[int | str, ...], int], path: Path
) -> PredictionLine:
    try:
        content = parse_json(text)
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except ValueError as error:
        raise DataError(f"{where}: not valid JSON: {error}") from None
    return validate_output(_LINE, content, path, line_numbers)


def _name_hash(line: PredictionLine) -> int:
    """Return 8 bytes of a hash of a line's name."""
    digest = hashlib.blake2b("\0".join(line.name).encode(), digest_size=8)
    return int.from_bytes(digest.digest())


def _refuse_duplicate(path: Path) -> None:
    """Raise DataError at the first line whose name stood before, if any does."""
    seen: set[tuple[str, str, str]] = set()
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            if text.strip():
                name = _parse_line(text, f"{path}:{number}", {}, path).name
                if name in seen:
                    shown_name = " ".join(name)
                    raise DataError(
                        f"{path}:{number}: a second prediction of {shown_name}; keep one"
                    )
                seen.add(name)
