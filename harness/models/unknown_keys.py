"""Keys of a roster that nobody knows: refused, with the nearest that there is."""

from collections.abc import Iterable
from typing import Any

from harness.errors import nearest


def unknown(name: str, known: Iterable[str]) -> str:
    """Return what to say of a key that is none of those known.

    >>> unknown("sentence", ["sentences", "seed"])
    'unknown key; did you mean sentences?'
    """
    if name == "trust_remote_code":
        return "code from a checkpoint is never run, so there is no such key; remove it"
    return f"unknown key{nearest(name, list(known))}"


def refuse_unknown(cls: Any, value: Any) -> Any:
    """Return a table as it is; raise ValueError for a key that is no field of `cls`."""
    for name in value if isinstance(value, dict) else ():
        if name not in cls.model_fields:
            raise ValueError(f"{name}: {unknown(name, cls.model_fields)}")
    return value
