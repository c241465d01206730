"""A system's file, each of its predictions put to its references; what does not fit is refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import DataError
from harness.external.formats import Format, format_of
from harness.external.outputs import (
    ID_FIELD,
    ExternalPrediction,
    read_predictions,
    read_probabilities,
)
from harness.external.references import References
from harness.progress import note
from harness.scores.predictions import SystemPredictions
from harness.scores.request import ScoreRequest, System
from harness.scores.samples import are_samples, read_samples
from harness.suite.data_set.reading.lines import several_lines

_MAX_LISTED_IDS = 5  # ids that a message names


def match_predictions(
    system: System, references: References, request: ScoreRequest
) -> SystemPredictions:
    """Return what a system's file has for each of the references; raise DataError."""
    predictions = SystemPredictions(len(references))
    seen = bytearray(len(references))
    for place, prediction in _matches(system, references, request):
        seen[place] = 1
        if prediction.text is not None:
            predictions.add(place, prediction.text, prediction.probability)
    _check_vanished_rows(system, references, request, seen)
    _add_probabilities(system, references, predictions)
    return predictions


def tell_long_rows(path: Path, file_format: Format) -> Sequence[tuple[int, Mapping[str, str]]]:
    """Say how many rows of a CSV go over several lines; return those lines that look like rows."""
    told, inner_rows = several_lines(path) if file_format == "csv" else (None, [])
    if told:
        note(told)
    return inner_rows


def _matches(
    system: System, references: References, request: ScoreRequest
) -> Iterator[tuple[int, ExternalPrediction]]:
    """Yield each prediction with the place of its references; raise DataError."""
    file_format = format_of(system.path, request.predictions_format)
    seen = bytearray(len(references))
    count = 0
    unknown_ids: list[str] = []
    unknown_count = 0
    fields = replace(request.fields, id=request.fields.id or system.id_field, cluster=None)
    samples = are_samples(system.path)
    for prediction in (
        read_samples(system.path) if samples else read_predictions(system.path, file_format, fields)
    ):
        if (prediction.id is not None) != references.has_ids:
            has, lacks = (references.path, system.path) if references.has_ids else (
                system.path, references.path)  # fmt: skip
            raise DataError(f"{has} has ids and {lacks} has none; give both ids, or neither")
        count += 1
        place = references.find(prediction.id if prediction.id is not None else str(count))
        if place is None:
            unknown_count += 1
            unknown_ids += [str(prediction.id)] if unknown_count <= _MAX_LISTED_IDS else []
        elif seen[place]:
            raise DataError(
                f"{prediction.where}: the id {prediction.id!r} has a prediction already; keep one"
            )
        else:
            seen[place] = 1
            yield place, prediction
    if not references.has_ids and count != len(references):
        raise DataError(
            f"{system.path} has {count} predictions and {references.path} {len(references)} "
            "references; without ids they belong together one by one"
        )
    _refuse_unknown_ids(system.path, references.path, unknown_count, unknown_ids)


def _check_vanished_rows(
    system: System, references: References, request: ScoreRequest, seen: Sequence[int]
) -> None:
    """Raise DataError where the row of an id that has no prediction stands in another's cell."""
    file_format = format_of(system.path, request.predictions_format)
    id_field = request.fields.id or system.id_field or ID_FIELD
    for line, row in tell_long_rows(system.path, file_format):
        place = references.find(row[id_field]) if id_field in row else None
        if place is not None and not seen[place]:
            raise DataError(
                f"{system.path}:{line}: the row of {row[id_field]!r} stands within a quoted cell "
                "that begins above; close the quote, or double it if it is part of the text"
            )


def _refuse_unknown_ids(path: Path, references: Path, count: int, first: Sequence[str]) -> None:
    if count:
        named = ", ".join(map(repr, first)) + (", …" if count > len(first) else "")
        ids = "id is" if count == 1 else "ids are"
        raise DataError(f"{path}: {count} {ids} not in {references}: {named}")


def _add_probabilities(
    system: System, references: References, predictions: SystemPredictions
) -> None:
    """Take the probabilities from their own file, if any; see that all or none are there."""
    if system.probabilities:
        probability_by_id = read_probabilities(system.probabilities)
        places = {name: references.find(name) for name in probability_by_id}
        unknown_ids = [name for name, place in places.items() if place is None]
        _refuse_unknown_ids(
            system.probabilities, references.path, len(unknown_ids), unknown_ids[:_MAX_LISTED_IDS]
        )
        predictions.set_probabilities(
            {place: probability_by_id[name] for name, place in places.items() if place is not None}
        )
    lacking = predictions.present - predictions.with_probability
    if lacking and lacking < predictions.present:
        raise DataError(
            f"{system.probabilities or system.path}: {lacking} predictions have no no-answer "
            "probability; give one to each, or to none"
        )
