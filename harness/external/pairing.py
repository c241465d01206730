"""Which fields of references and predictions are their ids, where nobody has named one.

Texts that are paired by their order although they have ids are a wrong number that nobody sees.
"""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from harness.errors import DataError
from harness.external.formats import Format, read_records
from harness.external.outputs import ID_FIELD
from harness.progress import note

# question_id, qid, _id, ID, docid, exampleId, uuid, idx ...
_ID_NAME = re.compile(
    r"(?:.*[_\-. ])?"
    r"(?:(?:doc|example|item|question|query|record|sample|[gpqu]|)id|uuid|idx|index|key)",
    re.IGNORECASE,
)
_CAMEL_ID_NAME = re.compile(r".*[a-z]I[dD]")

# A file, and how it is read.
File = tuple[Path, Format]


def looks_like_id(name: str) -> bool:
    """Return whether a field's name says that it is an id.

    >>> [looks_like_id(name) for name in ("question_id", "qid", "exampleId", "_id", "paid")]
    [True, True, True, True, False]
    """
    return bool(_ID_NAME.fullmatch(name) or _CAMEL_ID_NAME.fullmatch(name))


def pair_ids(references: File, predictions: File) -> tuple[str, str] | None:
    """Return the fields of both files that are their ids, `None` if they belong together by order.

    `id` in both files are the ids. Else they are fields of ids whose values in the references are
    all different, and in the predictions the same. Raises DataError where there are fields of ids
    and none is so, unless their values are the same record by record.
    """
    of_references, of_predictions = _id_names(references), _id_names(predictions)
    if ID_FIELD in of_references and ID_FIELD in of_predictions:
        return ID_FIELD, ID_FIELD
    both = [(name, name) for name in of_references if name in of_predictions]
    pairs = both or list(itertools.product(of_references, of_predictions))
    in_order = True
    for pair in pairs:
        expected, said = _values(references, pair[0]), _values(predictions, pair[1])
        known = set(expected)
        if len(known) == len(expected) and None not in known and known.issuperset(said):
            note(f"{predictions[0]}: paired with the references by {_named(pair)}")
            return pair
        in_order = in_order and expected == said
    if not pairs or in_order:
        return None
    named = ", ".join(map(_named, pairs))
    raise DataError(
        f"{references[0]} and {predictions[0]} have no field {ID_FIELD!r} that both have, and "
        f"by {named} they do not belong together (each value once in the references, and no other "
        "in the predictions); name the ids' field with --id-field"
    )


def _id_names(file: File) -> list[str]:
    path, file_format = file
    first = next(read_records(path, file_format, looks_like_id), None)
    return [name for name in first.fields if looks_like_id(name)] if first else []


def _values(file: File, name: str) -> Sequence[str | None]:
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
