"""Files of predictions, scored against a file of references, to a leaderboard.

Texts pass through one at a time. What is kept of a prediction is its scores.
"""

import itertools
import math
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from harness.environment import environment
from harness.errors import DataError, UsageError
from harness.external.formats import Format, format_of
from harness.external.items import items
from harness.external.outputs import Fields, Output, outputs, probabilities
from harness.external.parquet import data_files
from harness.external.references import References
from harness.files import canonical_json, make_folder, sha256, sha256_file, write_atomically
from harness.leaderboard.assembly import ranked
from harness.leaderboard.leaderboard import Counts, Leaderboard, Number, Row, SuiteLine
from harness.metrics import Metrics, metrics
from harness.metrics.canaries import check
from harness.metrics.no_answer import best_thresholds, splits, totals
from harness.metrics.scorer import score_pairs
from harness.records import Task

_LISTED = 5  # ids that a message names
_CHUNK = 256  # texts that are scored at once


@dataclass(frozen=True, slots=True)
class System:
    """One system: its name, its file of predictions, and a JSON of no-answer probabilities."""

    name: str
    path: Path
    probabilities: Path | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What to score, and how.

    `task` and `squad` (the version of its rules) are told by the references where they are
    `None`. `options` are those of the metrics' class that the user gave. The items' file ends in
    `.jsonl` or `.parquet`.
    """

    references: Path
    systems: Sequence[System]
    task: Task | None = None
    squad: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    fields: Fields = field(default_factory=Fields)
    references_format: Format | None = None
    predictions_format: Format | None = None
    items: Path | None = None
    out: Path | None = None


@dataclass(slots=True)
class _Scored:
    """One system's numbers, each by the place of its references."""

    values: dict[str, "array[float]"]
    given: bytearray  # 1: a prediction; 0: none, or null
    said: bytearray  # 1: a prediction that is not empty
    chances: dict[int, float]  # of no answer, in the order of their file


def score_files(request: Request) -> Leaderboard:
    """Score each system's file; write the leaderboard and the items where asked, and return it.

    A reference without a prediction scores 0 and is counted as `missing`. All files are read and
    matched before the first text is scored. Raises HarnessError: DataError for a bad file, an id
    that the references lack or that comes twice, and texts by lines that are not as many;
    MetricError, naming the id, for a text that cannot be scored honestly.
    """
    _distinct(request.systems)
    form = format_of(request.references, request.references_format)
    with References(request.references, form, request.fields) as references:
        task = request.task or references.task
        if task == "summarize" and (empty := references.first_unanswerable()):
            raise DataError(f"{empty}: has no reference; a summary needs one")
        _fit(request, task)
        squad = request.squad or ("1.1" if references.version == "1.1" else "2.0")
        family = metrics(task, {"squad": squad} if task == "answer" else request.options)
        check(task, family)
        for system in request.systems:
            for _ in _matched(system, references, request):
                pass
        if request.out:
            make_folder(request.out)
        rows = []
        with items(request.items, list(family.signatures)) as sink:
            for system in request.systems:
                got = _score(system, references, request, family)
                missing = [not given for given in got.given]
                sink.add(system.name, references.ids(), missing, got.values)
                official = _official(got, references, squad) if task == "answer" else None
                rows.append(_row(system, task, got, family.signatures, official))
        suite = SuiteLine(id=request.references.stem, hash=references.hash, limit=None)
    board = ranked(suite, environment(threads=1), rows)
    if request.out:
        write_atomically(request.out / "leaderboard.json", board.to_json())
    return board


def _fit(request: Request, task: Task) -> None:
    answering = request.squad or any(system.probabilities for system in request.systems)
    if task == "summarize" and answering:
        raise UsageError("--squad and --no-answer-probabilities are for answers; add --task answer")
    if task == "answer" and request.options:
        raise UsageError("options of ROUGE are for summaries; add --task summarize")


def _distinct(systems: Sequence[System]) -> None:
    names = [system.name for system in systems]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"--predictions: two systems are named {name!r}; name them with NAME=FILE"
            )


def _matched(
    system: System, references: References, request: Request
) -> Iterator[tuple[int, Output]]:
    """Yield each prediction with the place of its references; raise DataError."""
    form = format_of(system.path, request.predictions_format)
    seen = bytearray(len(references))
    count = 0
    unknown: list[str] = []
    strangers = 0
    for one in outputs(system.path, form, request.fields):
        if (one.id is not None) != references.named:
            has, lacks = (references.path, system.path) if references.named else (
                system.path, references.path)  # fmt: skip
            raise DataError(f"{has} has ids and {lacks} has none; give both ids, or neither")
        count += 1
        place = references.find(one.id if one.id is not None else str(count))
        if place is None:
            strangers += 1
            unknown += [str(one.id)] if strangers <= _LISTED else []
        elif seen[place]:
            raise DataError(f"{one.where}: the id {one.id!r} has a prediction already; keep one")
        else:
            seen[place] = 1
            yield place, one
    if not references.named and count != len(references):
        raise DataError(
            f"{system.path} has {count} predictions and {references.path} {len(references)} "
            "references; without ids they belong together one by one"
        )
    _refuse_strangers(system.path, references.path, strangers, unknown)


def _refuse_strangers(path: Path, references: Path, count: int, first: Sequence[str]) -> None:
    if count:
        named = ", ".join(map(repr, first)) + (", …" if count > len(first) else "")
        ids = "id is" if count == 1 else "ids are"
        raise DataError(f"{path}: {count} {ids} not in {references}: {named}")


def _score(system: System, references: References, request: Request, family: Metrics) -> _Scored:
    size = len(references)
    zeros = bytes(8 * size)
    got = _Scored(
        {name: array("d", zeros) for name in family.signatures},
        bytearray(size),
        bytearray(size),
        {},
    )
    with tqdm(
        total=size, desc=system.name, unit=" prediction", file=sys.stderr,
        mininterval=0.2 if sys.stderr.isatty() else 5, dynamic_ncols=True,
    ) as bar:  # fmt: skip
        said = (one for one in _matched(system, references, request) if one[1].text is not None)
        while chunk := list(itertools.islice(said, _CHUNK)):
            _add_chunk(chunk, references, family, got)
            bar.update(len(chunk))
    _add_probabilities(system, references, got)
    return got


def _add_chunk(
    chunk: Sequence[tuple[int, Output]], references: References, family: Metrics, got: _Scored
) -> None:
    pairs = [(one.text or "", references.texts(place)) for place, one in chunk]
    scores = score_pairs(family, pairs, lambda i: chunk[i][1].where)
    for (place, one), found in zip(chunk, scores, strict=True):
        for name, values in got.values.items():
            values[place] = found[name]
        got.given[place] = 1
        got.said[place] = bool(one.text)
        if one.probability is not None:
            got.chances[place] = one.probability


def _add_probabilities(system: System, references: References, got: _Scored) -> None:
    """Take the probabilities from their own file, if any; see that all or none are there."""
    if system.probabilities:
        found = probabilities(system.probabilities)
        places = {name: references.find(name) for name in found}
        strangers = [name for name, place in places.items() if place is None]
        _refuse_strangers(
            system.probabilities, references.path, len(strangers), strangers[:_LISTED]
        )
        got.chances = {
            place: found[name]
            for name, place in places.items()
            if place is not None and got.given[place]
        }
    lacking = sum(got.given) - len(got.chances)
    if got.chances and lacking:
        raise DataError(
            f"{system.probabilities or system.path}: {lacking} predictions have no no-answer "
            "probability; give one to each, or to none"
        )


def _official(got: _Scored, references: References, squad: str) -> dict[str, float]:
    exact, f1 = got.values["exact_match"], got.values["f1"]
    if squad == "1.1":
        return totals(exact, f1)
    found = splits(exact, f1, references.answerable)
    if got.chances:
        found |= best_thresholds(exact, f1, references.answerable, got.said, got.chances)
    return found


def _row(
    system: System,
    task: Task,
    got: _Scored,
    signatures: Mapping[str, str],
    official: dict[str, float] | None,
) -> Row:
    size, ok = len(got.given), sum(got.given)
    identity: dict[str, object] = {
        "kind": "predictions", "file": system.path.name, "sha256": _hash(system.path),
    }  # fmt: skip
    if system.probabilities:
        identity["probabilities_sha256"] = sha256_file(system.probabilities)
    return Row(
        model=system.name,
        role="model",
        task=task,
        scope="article",
        kind="predictions",
        metrics={
            name: Number(
                mean=math.fsum(got.values[name]) / size, n=size, signature=signature, share=None
            )
            for name, signature in signatures.items()
        },
        counts=Counts(expected=size, ok=ok, error=0, truncated=0, cached=0, missing=size - ok),
        cut={},
        seconds=0.0,
        tokens_per_second=None,
        peak_memory_bytes=0,
        weights=None,
        weights_bytes=None,
        licence=None,
        prompt=None,
        identity=identity,
        environments=[],
        squad=official,
    )


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of those of a data set's files."""
    if path.is_file():
        return sha256_file(path)
    return sha256(canonical_json([sha256_file(file) for file in data_files(path)]))
