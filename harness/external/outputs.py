"""Predictions and references in files that other tools wrote.

Which field is the id, the prediction or the references is told by its name, or by the user.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from harness.errors import DataError
from harness.external.formats import UNNAMED, Format, Record, read_json, records
from harness.text import valid

# The names under which fields are looked for; of several, the first counts.
ID = "id"
REFERENCE = ("references", "reference", "answers", "answer", "highlights", "summary", "target")
PREDICTION = (
    "prediction", "prediction_text", "output", "generated", "summary", "answer", "text",
)  # fmt: skip
PROBABILITY = ("no_answer_probability", "na_prob")
_NUMBER = re.compile(r"_?[0-9]+$")


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields to read; `None` looks for those above."""

    id: str | None = None
    reference: str | None = None
    prediction: str | None = None


class Reference(NamedTuple):
    """What one prediction is scored against. No `texts`: an unanswerable question.

    `id` is `None` in a file without ids, where records belong together by their order.
    `version` is that of SQuAD's data set.
    """

    where: str
    id: str | None
    texts: tuple[str, ...]
    field: str
    version: str | None


class Output(NamedTuple):
    """One prediction that a file has; `text` is `None` where it says that there is none."""

    where: str
    id: str | None
    text: str | None
    probability: float | None


def references(path: Path, form: Format, fields: Fields) -> Iterator[Reference]:
    """Yield a file's references in order; raise DataError.

    A field may be a text, a list of texts, or answers as SQuAD keeps them, and numbered ones of
    the same name (`reference2`, `reference_3`) give more.
    """
    wanted = (fields.reference,) if fields.reference else REFERENCE
    chosen: str | None = None
    for record, identifier in _identified(path, form, wanted, fields):
        chosen = chosen if chosen is not None else _choose(record, wanted, "reference")
        texts = list(_texts(record, chosen))
        for name in record.fields:
            if name.startswith(chosen) and _NUMBER.fullmatch(name.removeprefix(chosen)):
                texts += _texts(record, name)
        if form in ("csv", "tsv"):  # an empty cell is no reference
            texts = [text for text in texts if text]
        version = record.fields.get("version")
        yield Reference(
            record.where, identifier, tuple(texts), chosen, str(version) if version else None
        )


def outputs(path: Path, form: Format, fields: Fields) -> Iterator[Output]:
    """Yield a file's predictions in order; raise DataError."""
    wanted = (fields.prediction,) if fields.prediction else PREDICTION
    chosen: str | None = None
    for record, identifier in _identified(path, form, wanted, fields):
        chosen = chosen if chosen is not None else _choose(record, wanted, "prediction")
        text = _field(record, chosen)
        if text is not None and not isinstance(text, str):
            raise DataError(
                f"{record.where}: {chosen or 'the prediction'} must be a text, or null for none"
            )
        given = [record.fields[name] for name in PROBABILITY if name in record.fields]
        yield Output(
            record.where,
            identifier,
            None if text is None else valid(text),
            _probability(record.where, given[0]) if given and given[0] is not None else None,
        )


def probabilities(path: Path) -> dict[str, float]:
    """Return the no-answer probabilities of a JSON file {id: p}, in its order; raise DataError."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{path}: must be an object of probabilities by id")
    return {valid(k): _probability(f"{path}: {k!r}", value) for k, value in content.items()}


def _identified(
    path: Path, form: Format, wanted: Sequence[str], fields: Fields
) -> Iterator[tuple[Record, str | None]]:
    """Yield each record with its id. Either all have one, or none has."""
    name = fields.id or ID
    others = {name, *PROBABILITY}

    def keep(field: str) -> bool:
        return field in others or _NUMBER.sub("", field) in wanted or field in wanted

    first: bool | None = None
    for record in records(path, form, keep):
        has = name in record.fields
        if first is None and fields.id and not has:
            raise DataError(f"{record.where}: has no field {name!r}, which --id-field names")
        if first is not None and has != first:
            there, before = ("no", "have one") if first else ("a", "have none")
            raise DataError(f"{record.where}: has {there} field {name!r}; those before {before}")
        first = has
        identifier = record.fields.get(name)
        if has and (isinstance(identifier, bool) or not isinstance(identifier, (str, int))):
            raise DataError(f"{record.where}: {name} must be a text or a whole number")
        yield record, valid(str(identifier)) if has else None


def _choose(record: Record, wanted: Sequence[str], what: str) -> str:
    if UNNAMED in record.fields:
        return UNNAMED
    for name in wanted:
        if name in record.fields:
            return name
    there = ", ".join(map(repr, sorted(record.fields))) or "none"
    raise DataError(
        f"{record.where}: no field {' or '.join(wanted)} (there are: {there}); name it with "
        f"--{what}-field"
    )


def _texts(record: Record, name: str) -> Iterator[str]:
    """Yield the texts of a field: a text, a list of them, or answers as SQuAD keeps them."""
    value = _field(record, name)
    if isinstance(value, dict):
        value = value.get("text")
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        text = one.get("text") if isinstance(one, dict) else one
        if not isinstance(text, str):
            raise DataError(f"{record.where}: {name or 'it'} must be a text or a list of texts")
        yield valid(text)


def _field(record: Record, name: str) -> object:
    if name not in record.fields:
        raise DataError(f"{record.where}: has no field {name!r}; those before have it")
    return record.fields[name]


def _probability(where: str, value: object) -> float:
    try:
        number = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise DataError(
            f"{where}: the no-answer probability must be a number from 0 to 1, not {value!r}"
        )
    return number
