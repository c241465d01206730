"""The keys of predictions: a hash of all that can change what a model gives."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache

from harness.files import canonical_json
from harness.records import Query

# A query's own text comes first in its JSON, and several queries have the same one after the other.
_CONTEXT, *_OTHER_FIELDS = sorted(field.name for field in fields(Query))


class PredictionKeys:
    """The keys of a model's predictions, by its identity, of which they have a hash in common."""

    def __init__(self, identity: Mapping[str, object]) -> None:
        """Take the identity."""
        # Up to where a query begins all keys are of one text: hashed once, it is the same hash.
        begun = f'{{"model":{canonical_json(identity)},"query":{{"{_CONTEXT}":'
        self._begun = hashlib.sha256(begun.encode())
        self._context: str | None = None
        self._with_context = self._begun

    def key(self, query: Query, number: int = 1) -> str:
        """Return the key of one query's prediction: the SHA-256 of a canonical JSON.

        `number` is of how many times the model is asked; the first has a key without it.
        """
        repeat = f',"repeat":{number}' if number > 1 else ""
        if query.context != self._context:
            self._context = query.context
            self._with_context = self._begun.copy()
            self._with_context.update(canonical_json(query.context).encode())
        others = _other_fields_json(tuple(getattr(query, name) for name in _OTHER_FIELDS))
        finished = self._with_context.copy()
        finished.update(f",{others[1:]}{repeat}}}".encode())
        return finished.hexdigest()


@lru_cache(1024)  # many models are asked the same questions
def _other_fields_json(values: tuple[object, ...]) -> str:
    return canonical_json(dict(zip(_OTHER_FIELDS, values, strict=True)))
