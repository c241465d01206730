"""TOML that a person writes: how long it may be, and of how many parts a key."""

import re

MOST_CHARACTERS = 4_000_000
MOST_KEY_PARTS = 100
# A key is bare or quoted; the parser goes through all tables above it for each of its parts.
_LONG_KEY = re.compile(
    rf"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){{{MOST_KEY_PARTS}}}"
)


def toml_problem(text: str) -> tuple[str, int | None] | None:
    """Return what of a TOML text passes the bounds, and in which line; `None` if nothing does."""
    if len(text) > MOST_CHARACTERS:
        return f"is longer than {MOST_CHARACTERS:,} characters", None
    if text.count(".") >= MOST_KEY_PARTS and (found := _LONG_KEY.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        return f"has a key of more than {MOST_KEY_PARTS} parts", line
    return None
