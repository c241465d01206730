"""Keys of a roster that nobody knows: refused, with the nearest that there is."""

from collections.abc import Iterable
from typing import Any

from harness.errors import did_you_mean


def unknown_key_message(name: str, known: Iterable[str]) -> str:
    """Return what to say of a key that is none of those known.

    >>> unknown_key_message("sentence", ["sentences", "seed"])
    'unknown key; did you mean sentences?'
    """
    if name == "trust_remote_code":
        return "code from a checkpoint is never run, so there is no such key; remove it"
    return f"unknown key{did_you_mean(name, list(known))}"


def refuse_unknown_keys(cls: Any, value: Any) -> Any:
    """Return a table as it is; raise ValueError for a key that is no field of `cls`."""
    for name in value if isinstance(value, dict) else ():
        if name not in cls.model_fields:
            raise ValueError(f"{name}: {unknown_key_message(name, cls.model_fields)}")
    return value
