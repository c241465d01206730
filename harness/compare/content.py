"""Records of a comparison as JSON."""

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def json_text(record: "DataclassInstance", **more: object) -> str:
    """Return a record as JSON, with `more` fields before its own; an infinite number is null."""
    content = dataclasses.asdict(record, dict_factory=_finite)
    return json.dumps(more | content, indent=2, allow_nan=False)


def _finite(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isinf(value) else value
        for name, value in fields
    }
