"""Predictions and references in files that other tools wrote.

Which field is the id, the prediction or the references is told by its name, or by the user.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from harness.errors import DataError
from harness.external.field_choice import (
    NUMBER,
    PREDICTION_FIELDS,
    REFERENCE_FIELDS,
    choose_prediction,
    choose_reference,
    is_said,
    numbered,
)
from harness.external.formats import Format, Passage, Record, read_json, read_records
from harness.progress import warn
from harness.suite.data_set.answers import answer_texts
from harness.suite.data_set.cells import structure_in, written_answer
from harness.suite.data_set.doubtful import Doubts, may_hold_answers, not_read
from harness.text import replace_lone_surrogates

ID_FIELD = "id"
PROBABILITY_FIELDS = ("no_answer_probability", "na_prob")
IMPOSSIBLE_FIELD = "is_impossible"


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The names of the fields to read; `None` looks for those that are known.

    `cluster` is the field of the references that says which of them belong together; `None` if no
    field does.
    """

    id: str | None = None
    reference: str | None = None
    prediction: str | None = None
    cluster: str | None = None


class ReferenceSet(NamedTuple):
    """What one prediction is scored against. No `texts`: an unanswerable question.

    `id` is `None` in a file without ids, where records belong together by their order.
    `version` and `passage` are those of SQuAD's data set, `cluster` is what the field of clusters
    says, where one is named.
    """

    where: str
    id: str | None
    texts: tuple[str, ...]
    field: str
    version: str | None
    cluster: str | None = None
    passage: Passage | None = None


class ExternalPrediction(NamedTuple):
    """One prediction that a file has; `text` is `None` where it says that there is none."""

    where: str
    id: str | None
    text: str | None
    probability: float | None


def read_references(path: Path, file_format: Format, fields: FieldNames) -> Iterator[ReferenceSet]:
    """Yield a file's references in order; raise DataError.

    A field may be a text, a list of texts, or answers in a shape that `answer_texts` knows; an
    empty text is no reference. Where no field is named, numbered ones of the same name
    (`reference2`, `reference_3`) give more, also without one that has no number.
    """
    candidate_names = (fields.reference,) if fields.reference else REFERENCE_FIELDS
    field_name: str | None = None
    doubts = Doubts()
    unread: str | None = None
    for record, identifier in _records_with_ids(path, file_format, candidate_names, fields):
        field_name = (
            field_name if field_name is not None else choose_reference(record, candidate_names)
        )
        more = [] if fields.reference else numbered(record, field_name)
        if field_name in ("answer", "answers"):
            unread = unread or next(filter(may_hold_answers, record.fields), None)
        names = [field_name, *more] if field_name in record.fields or not more else more
        texts = [text for name in names for text in _field_texts(record, name, file_format)]
        doubts.add(_place(record, path), texts, record.fields.get(IMPOSSIBLE_FIELD))
        version = record.fields.get("version")
        yield ReferenceSet(
            record.where,
            identifier,
            tuple(texts),
            field_name,
            str(version) if version else None,
            _cluster(record, fields.cluster) if fields.cluster else None,
            record.passage,
        )
    for warning in (*doubts.warnings, *([not_read(unread, str(field_name))] if unread else [])):
        warn(f"{path}: {warning}")


def read_predictions(
    path: Path, file_format: Format, fields: FieldNames
) -> Iterator[ExternalPrediction]:
    """Yield a file's predictions in order; raise DataError."""
    candidate_names = (fields.prediction,) if fields.prediction else PREDICTION_FIELDS
    field_name: str | None = None
    doubts = Doubts("prediction")
    for record, identifier in _records_with_ids(path, file_format, candidate_names, fields):
        field_name = (
            field_name if field_name is not None else choose_prediction(record, candidate_names)
        )
        text = _field_value(record, field_name)
        if text is not None and not isinstance(text, str):
            raise DataError(
                f"{record.where}: {field_name or 'the prediction'} must be a text, or null for none"
            )
        if text and file_format in ("csv", "tsv") and written_answer(text):
            raise DataError(
                f"{record.where}: {field_name} is a list or an object that was written as a text; "
                "write its text alone, or save the file as .jsonl if all of it is meant"
            )
        doubts.add(_place(record, path), [text] if text else [])
        probability_values = [
            record.fields[name] for name in PROBABILITY_FIELDS if name in record.fields
        ]
        yield ExternalPrediction(
            record.where,
            identifier,
            None if text is None else replace_lone_surrogates(text),
            _parse_probability(record.where, probability_values[0])
            if probability_values and probability_values[0] is not None
            else None,
        )
    for warning in doubts.warnings:
        warn(f"{path}: {warning}")


def read_probabilities(path: Path) -> dict[str, float]:
    """Return the no-answer probabilities of a JSON file {id: p}, in its order; raise DataError."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{path}: must be an object of probabilities by id")
    return {
        replace_lone_surrogates(identifier): _parse_probability(f"{path}: {identifier!r}", value)
        for identifier, value in content.items()
    }


def _records_with_ids(
    path: Path, file_format: Format, candidate_names: Sequence[str], fields: FieldNames
) -> Iterator[tuple[Record, str | None]]:
    """Yield each record with its id. Either all have one, or none has."""
    name = fields.id or ID_FIELD
    other_names = {name, IMPOSSIBLE_FIELD, *PROBABILITY_FIELDS, fields.cluster}

    def keep_field(field: str) -> bool:
        return (
            field in other_names
            or NUMBER.sub("", field) in candidate_names
            or field in candidate_names
            or is_said(field)
            or may_hold_answers(field)
        )

    ids_expected: bool | None = None
    for record in read_records(path, file_format, keep_field):
        has_id = name in record.fields
        if ids_expected is None and fields.id and not has_id:
            raise DataError(f"{record.where}: has no field {name!r}, which --id-field names")
        if ids_expected is not None and has_id != ids_expected:
            there, before = ("no", "have one") if ids_expected else ("a", "have none")
            raise DataError(f"{record.where}: has {there} field {name!r}; those before {before}")
        ids_expected = has_id
        identifier = record.fields.get(name)
        if has_id and (isinstance(identifier, bool) or not isinstance(identifier, (str, int))):
            raise DataError(f"{record.where}: {name} must be a text or a whole number")
        yield record, replace_lone_surrogates(str(identifier)) if has_id else None


def _place(record: Record, path: Path) -> str:
    """Return where a record stands in its file."""
    place = record.where.removeprefix(f"{path}").lstrip(": ")
    return f"line {place}" if place.isdecimal() else place


def _cluster(record: Record, name: str) -> str:
    """Return what a record belongs to; raise DataError where it does not say."""
    if name not in record.fields:
        raise DataError(f"{record.where}: has no field {name!r}, which --cluster-field names")
    value = record.fields[name]
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise DataError(
            f"{record.where}: {name} must be a text or a whole number that names a cluster"
        )
    return replace_lone_surrogates(str(value))


def _field_texts(record: Record, name: str, file_format: Format) -> Iterator[str]:
    """Yield the texts of a field; raise DataError for what `answer_texts` does not know."""
    value = _field_value(record, name)
    try:
        if isinstance(value, str) and file_format != "lines":
            value = _written_value(value, file_format)
        # A line is a text even if it is empty.
        texts = (str(value),) if file_format == "lines" else answer_texts(value)
    except ValueError as error:
        raise DataError(f"{record.where}: {name or 'it'} {error}") from None
    yield from map(replace_lone_surrogates, texts)


def _written_value(text: str, file_format: Format) -> object:
    """Return what a text is: in a table of texts alone it may be a list or an object.

    Raises ValueError where a format that has lists and objects has one as a text.
    """
    structure = structure_in(text)
    if structure is None:
        return text
    if file_format in ("csv", "tsv"):
        return structure
    try:
        answer_texts(structure)
    except ValueError:
        return text  # a piece of code, say
    raise ValueError(
        f"is {'a list' if isinstance(structure, list) else 'an object'} in quotes; write it "
        "without them, or as a list of one text if the quotes are meant"
    )


def _field_value(record: Record, name: str) -> object:
    if name not in record.fields:
        raise DataError(f"{record.where}: has no field {name!r}; those before have it")
    return record.fields[name]


def _parse_probability(where: str, value: object) -> float:
    try:
        number = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise DataError(
            f"{where}: the no-answer probability must be a number from 0 to 1, not {value!r}; "
            "of differences of scores, as in BERT's null_odds.json, take 1 / (1 + exp(-x))"
        )
    return number
