"""Who leads a leaderboard, and whether that means anything, in a sentence."""

from collections.abc import Sequence

from harness.leaderboard.printing.listed_names import listed
from harness.report.content.group import BoardRow, Group
from harness.report.rendering.number_format import points

MAX_NAMED = 6


def headline(group: Group) -> str:
    """Return who scores highest and whom the suite tells it from, and where measures disagree."""
    return " ".join((_lead(group), *group.disagreements))


def _lead(group: Group) -> str:
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
    peers = listed([_name(row) for row in others if row.place not in leader.beats], MAX_NAMED)
    if not beaten_rows:
        return f"{lead}, but this suite tells it apart from none of the others: {peers}."
    return f"{lead}, and beats {len(beaten_rows)} of {len(others)}; not told apart: {peers}."


def _name(row: BoardRow) -> str:
    return row.model if row.role == "model" else f"{row.model} (a {row.role})"


def _all_others(others: Sequence[BoardRow]) -> str:
    return _name(others[0]) if len(others) == 1 else f"all {len(others)} others"
