"""What `harness score` is asked for, and whether its parts go together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.external.formats import Format, format_of
from harness.external.outputs import FieldNames
from harness.external.pairing import pair_ids
from harness.leaderboard.run_folder import refuse_other_run
from harness.metrics.answers.squad import Version
from harness.metrics.options import USUAL, MetricOptions
from harness.records import Task
from harness.scores.items import refuse_other_file
from harness.scores.samples import are_samples


@dataclass(frozen=True, slots=True)
class System:
    """One system: its name, its file of predictions, and a JSON of no-answer probabilities.

    `id_field` is the field of its file's ids where the request names none.
    """

    name: str
    path: Path
    probabilities: Path | None = None
    id_field: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What to score, and how.

    `task` and `squad` (the version of its rules) are told by the references where they are
    `None`. `options` are those of the metrics that the user gave, `exceptions` the folder of
    WordNet's for ROUGE. The items' file ends in `.jsonl` or `.parquet`. `primary` is the metric by
    which a task's systems are ranked, where it is not the usual one.
    """

    references: Path
    systems: Sequence[System]
    task: Task | None = None
    squad: Version | None = None
    options: MetricOptions = USUAL
    exceptions: Path | None = None
    fields: FieldNames = field(default_factory=FieldNames)
    references_format: Format | None = None
    predictions_format: Format | None = None
    items: Path | None = None
    out: Path | None = None
    primary: Mapping[Task, str] = field(default_factory=dict)


def with_id_fields(request: ScoreRequest, file_format: Format) -> tuple[ScoreRequest, FieldNames]:
    """Return the request with each system's field of ids, and the names of the references' fields.

    Raises DataError where they are not told, or the references' would be several.
    """
    if request.fields.id:
        return request, request.fields
    systems, names = [], {}
    for system in request.systems:
        if are_samples(system.path):
            systems.append(system)
            continue
        predictions = (system.path, format_of(system.path, request.predictions_format))
        pair = pair_ids((request.references, file_format), predictions)
        systems.append(replace(system, id_field=pair[1] if pair else None))
        if pair:
            names[pair[0]] = system.path
    if len(names) > 1:
        told = " and ".join(f"{name} with {path}" for name, path in names.items())
        raise DataError(f"{request.references}: is paired by {told}; name one with --id-field")
    fields = replace(request.fields, id=next(iter(names), None))
    return replace(request, systems=systems), fields


def check_places(request: ScoreRequest) -> None:
    """Raise UsageError where what is written would replace what is read, or something else."""
    if request.out:
        refuse_other_run(
            request.out, request.references.stem, "score", "choose another folder with --out"
        )
    if request.items is None:
        return
    inputs = [
        request.references,
        *(system.path for system in request.systems),
        *(system.probabilities for system in request.systems if system.probabilities),
        *([request.exceptions] if request.exceptions else []),
    ]
    place = request.items.resolve()
    for path in inputs:
        if path.resolve() in (place, *place.parents):
            raise UsageError(f"--items {request.items}: is read, too; choose another name")
    refuse_other_file(request.items)


def check_options(request: ScoreRequest, task: Task) -> None:
    """Raise UsageError for options of the other task."""
    answering = request.squad or any(system.probabilities for system in request.systems)
    if task == "summarize" and (answering or request.options.normalization):
        raise UsageError(
            "--squad, --normalization and --no-answer-probabilities are for answers; add --task "
            "answer"
        )
    of_other = request.options.of_no_task([task])
    if task == "answer" and (request.exceptions or of_other):
        raise UsageError("options of ROUGE are for summaries; add --task summarize")
    if of_other:
        flags = ", ".join(of_other["answer"])
        raise UsageError(f"{flags} is for answers; add --task answer")


def check_distinct_names(systems: Sequence[System]) -> None:
    """Raise UsageError for two systems of one name."""
    names = [system.name for system in systems]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"--predictions: two systems are named {name!r}; name them with NAME=FILE"
            )
