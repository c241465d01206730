"""Who leads a leaderboard, and whether that means anything, in a sentence."""

from collections.abc import Sequence

from harness.report.content.group import BoardRow, Group
from harness.report.rendering.number_format import points


def headline(group: Group) -> str:
    """Return who scores highest of the models and floors, and whom the suite tells it from."""
    ranked = [row for row in group.rows if row.rank is not None and row.primary.mean is not None]
    if not ranked:
        return "No model or floor has a score."
    leader = ranked[0]
    others = ranked[1:]
    lead = f"{_name(leader)} scores highest, {points(leader.primary.mean)}"
    if not others:
        return f"{lead}; nothing was run to hold it against."
    beaten_rows = [row for row in others if row.place in leader.beats]
    if len(beaten_rows) == len(others):
        return f"{lead}, and beats {_all_others(others)}."
    peers = [_name(row) for row in others if row.place not in leader.beats]
    if not beaten_rows:
        return f"{lead}, but this suite tells it apart from none of the others: {_list(peers)}."
    return f"{lead}, and beats {len(beaten_rows)} of {len(others)}; not told apart: {_list(peers)}."


def _name(row: BoardRow) -> str:
    return row.model if row.role == "model" else f"{row.model} (a {row.role})"


def _all_others(others: Sequence[BoardRow]) -> str:
    return _name(others[0]) if len(others) == 1 else f"all {len(others)} others"


def _list(names: Sequence[str], max_names: int = 6) -> str:
    listed = [
        *names[:max_names],
        *([f"{len(names) - max_names} more"] if len(names) > max_names else []),
    ]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
