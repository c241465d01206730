"""JSON that is read piece by piece: how deep it may nest, and how long a number may be."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BufferedReader

from harness.bounded.digits import MOST_DIGITS

# A parser that names the place of each value holds a name as long as the place is deep.
MOST_LEVELS = 500
_PIECE = 4096
_LONG_NUMBER = re.compile(rb"[\[,:\s-][0-9]{%d}" % (MOST_DIGITS + 1))


def json_problem(open_file: Callable[[], AbstractContextManager[BufferedReader]]) -> str | None:
    """Return what of a JSON file passes the bounds, `None` if nothing does.

    It goes through the bytes once, and once more where they look too deep.
    """
    level = 0
    deep = False
    end = b""
    with open_file() as file:
        while piece := file.read(_PIECE):
            if _LONG_NUMBER.search(end + piece):
                return f"holds a number of more than {MOST_DIGITS} digits"
            end = (end + piece)[-MOST_DIGITS - 2 :]
            opened = piece.count(b"[") + piece.count(b"{")
            deep = deep or level + opened > MOST_LEVELS
            level = max(0, level + opened - piece.count(b"]") - piece.count(b"}"))
    if deep and _is_deep(open_file):
        return f"is nested more than {MOST_LEVELS} deep"
    return None


def _is_deep(open_file: Callable[[], AbstractContextManager[BufferedReader]]) -> bool:
    """Return whether values lie too deep: brackets in texts count for nothing."""
    import ijson

    level = 0
    with open_file() as file:
        try:
            for event, _ in ijson.basic_parse(file, multiple_values=True):
                level += event.startswith("start_") - event.startswith("end_")
                if level > MOST_LEVELS:
                    return True
        except (ijson.JSONError, UnicodeDecodeError):  # whoever reads it says what is wrong with it
            return False
    return False
