"""Who leads a leaderboard, and whether that means anything, in a sentence."""

from collections.abc import Sequence

from harness.report.content.group import BoardRow, Group
from harness.report.rendering.number_format import points


def glance(group: Group) -> str:
    """Return who scores highest of the models and floors, and whom the suite tells it from."""
    ranked = [row for row in group.rows if row.rank is not None and row.primary.mean is not None]
    if not ranked:
        return "No model or floor has a score."
    first = ranked[0]
    others = ranked[1:]
    said = f"{_name(first)} scores highest, {points(first.primary.mean)}"
    if not others:
        return f"{said}; nothing was run to hold it against."
    beaten = [row for row in others if row.place in first.beats]
    if len(beaten) == len(others):
        return f"{said}, and beats {_every(others)}."
    peers = [_name(row) for row in others if row.place not in first.beats]
    if not beaten:
        return f"{said}, but this suite tells it apart from none of the others: {_list(peers)}."
    return f"{said}, and beats {len(beaten)} of {len(others)}; not told apart: {_list(peers)}."


def _name(row: BoardRow) -> str:
    return row.model if row.role == "model" else f"{row.model} (a {row.role})"


def _every(others: Sequence[BoardRow]) -> str:
    return _name(others[0]) if len(others) == 1 else f"all {len(others)} others"


def _list(names: Sequence[str], most: int = 6) -> str:
    shown = [*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
