"""Which fields of references and predictions are their ids, where nobody has named one.

Texts that are paired by their order although they have ids are a wrong number that nobody sees.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import DataError
from harness.external.field_choice import PREDICTION_FIELDS, REFERENCE_FIELDS, is_said
from harness.external.formats import UNNAMED, Format, read_records
from harness.external.outputs import ID_FIELD
from harness.progress import note

# question_id, qid, _id, ID, docid, exampleId, uuid, idx ...
_ID_NAME = re.compile(
    r"(?:.*[_\-. ])?"
    r"(?:(?:doc|example|item|question|query|record|sample|[gpqu]|)id|guid|uuid|idx|index|key)",
    re.IGNORECASE,
)
_CAMEL_ID_NAME = re.compile(r".*[a-z]I[dD]")

# A file, and how it is read.
File = tuple[Path, Format]
_Values = Sequence[str | None]  # of a field, in order


def looks_like_id(name: str) -> bool:
    """Return whether a field's name says that it is an id.

    >>> [looks_like_id(name) for name in ("question_id", "qid", "exampleId", "_id", "paid")]
    [True, True, True, True, False]
    """
    return bool(_ID_NAME.fullmatch(name) or _CAMEL_ID_NAME.fullmatch(name))


def pair_ids(references: File, predictions: File) -> tuple[str, str] | None:
    """Return the fields of both files that are their ids, `None` if they belong together by order.

    `id` in both files are the ids. Else they are fields of ids whose values in the references are
    all different, and in the predictions the same; one that only counts the records of each file
    comes last. Raises DataError where there are fields of ids and none is so, unless their values
    are the same record by record; and where another field of both has the same ids elsewhere, or
    the same texts.
    """
    pair = _pair(references, predictions)
    _refuse_other_order(references, predictions, pair)
    return pair


def _pair(references: File, predictions: File) -> tuple[str, str] | None:
    """Return the fields of both files that are their ids by names and values, as `pair_ids`."""
    of_references, of_predictions = _id_names(references), _id_names(predictions)
    both = [name for name in of_references if name in of_predictions]
    if both == [ID_FIELD]:
        return ID_FIELD, ID_FIELD
    pairs = [(name, name) for name in both] or list(
        itertools.product(of_references, of_predictions)
    )
    values = {pair: (_values(references, pair[0]), _values(predictions, pair[1])) for pair in pairs}
    fitting = [pair for pair in pairs if _fits(*values[pair])]
    fitting.sort(key=lambda pair: _only_counts(*values[pair]))
    if ID_FIELD in both:
        _refuse_contradiction((ID_FIELD, ID_FIELD), values, predictions)
        return ID_FIELD, ID_FIELD
    if fitting:
        _refuse_contradiction(fitting[0], values, predictions)
        note(f"{predictions[0]}: paired with the references by {_named(fitting[0])}")
        return fitting[0]
    if not pairs or all(expected == said for expected, said in values.values()):
        return None
    named = ", ".join(map(_named, pairs))
    raise DataError(
        f"{references[0]} and {predictions[0]} have no field {ID_FIELD!r} that both have, and "
        f"by {named} they do not belong together (each value once in the references, and no other "
        "in the predictions); name the ids' field with --id-field"
    )


def _fits(expected: _Values, said: _Values) -> bool:
    """Return whether each value is once in the references, and no other in the predictions."""
    known = set(expected)
    return len(known) == len(expected) and None not in known and known.issuperset(said)


def _only_counts(expected: _Values, said: _Values) -> bool:
    """Return whether both files number their own records, so that it pairs them by order."""
    return any(
        all(
            value == str(place)
            for values in (expected, said)
            for place, value in enumerate(values, start=first)
        )
        for first in (0, 1)
    )


def _refuse_contradiction(
    pair: tuple[str, str],
    values: Mapping[tuple[str, str], tuple[_Values, _Values]],
    predictions: File,
) -> None:
    """Raise DataError where another field of both files pairs a record with another reference."""
    expected, said = values[pair]
    places = {value: place for place, value in enumerate(expected)}
    for other, (other_expected, other_said) in values.items():
        same_field = other != pair and other[0] == other[1] and None not in other_said
        if not (same_field and set(other_expected).issuperset(other_said)):
            continue  # numbers of its own, as a request's
        if _only_counts(other_expected, other_said):
            continue
        for value, other_value in zip(said, other_said, strict=True):
            place = places.get(value)
            if place is not None and other_expected[place] != other_value:
                raise DataError(
                    f"{predictions[0]}: by {_named(pair)} its record {value!r} belongs to one "
                    f"reference, and by {_named(other)} ({other_value!r}) to another; name the "
                    "ids' field with --id-field"
                )


def _refuse_other_order(references: File, predictions: File, pair: tuple[str, str] | None) -> None:
    """Raise DataError where texts that are in both files, such as questions, stand elsewhere.

    Looked at are files that pair record by record: without ids, or with the same in each place, as
    numbers of lines are.
    """
    names = _shared_names(references, predictions, pair)
    if not names:
        return
    files = (references, predictions)
    wanted = {*names, *(pair or ())}
    sums = {name: [0, 0] for name in names}
    elsewhere: set[str] = set()
    records = (read_records(path, file_format, wanted.__contains__) for path, file_format in files)
    for expected, said in itertools.zip_longest(*records):
        if expected is None or said is None:
            return  # not as many: other texts
        if pair and str(expected.fields.get(pair[0])) != str(said.fields.get(pair[1])):
            return
        for name in [*sums]:
            values = expected.fields.get(name), said.fields.get(name)
            if not all(isinstance(value, (str, int)) for value in values):
                del sums[name]
                continue
            for side, value in enumerate(values):
                sums[name][side] += hash(str(value))
            if values[0] != values[1]:
                elsewhere.add(name)
    for name, (of_references, of_predictions) in sums.items():
        if name not in elsewhere or of_references != of_predictions:
            continue
        if _fits(*(_values(file, name) for file in files)):
            by = f"{pair[0]}, which counts the records," if pair else "their order"
            raise DataError(
                f"{predictions[0]}: has each {name!r} of {references[0]}, but beside another id or "
                f"in another order, so {by} does not say what belongs together; add --id-field "
                f"{name!r}"
            )


def _shared_names(
    references: File, predictions: File, pair: tuple[str, str] | None
) -> Sequence[str]:
    """Return the fields of both files that hold neither what is compared nor the ids."""
    firsts = [
        next(read_records(path, file_format, lambda _: True), None)
        for path, file_format in (references, predictions)
    ]
    if None in firsts:
        return ()
    first, other = (record.fields for record in firsts if record)
    compared = {UNNAMED, *REFERENCE_FIELDS, *PREDICTION_FIELDS, *(pair or ())}
    return [name for name in first if name in other and not (name in compared or is_said(name))]


def _id_names(file: File) -> list[str]:
    path, file_format = file
    first = next(read_records(path, file_format, looks_like_id), None)
    return [name for name in first.fields if looks_like_id(name)] if first else []


def _values(file: File, name: str) -> _Values:
    """Return a field's values in order as ids; `None` for what can be none."""
    path, file_format = file
    found = (record.fields.get(name) for record in read_records(path, file_format, name.__eq__))
    return [
        str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
        for value in found
    ]


def _named(pair: tuple[str, str]) -> str:
    ours, theirs = pair
    return ours if ours == theirs else f"{ours} and {theirs}"
