"""Who leads a leaderboard, and whether that means anything, in a sentence."""

from collections.abc import Sequence

from harness.leaderboard.printing.listed_names import listed
from harness.report.content.group import BoardRow, Group
from harness.report.rendering.number_format import points

MAX_NAMED = 6


def headline(group: Group) -> str:
    """Return who scores highest and whom the suite tells it from, and where measures disagree.

    Where that is a floor, the same is said of the models alone, if there are several and the suite
    tells anything apart.
    """
    ranked = [row for row in group.rows if row.rank is not None and row.primary.mean is not None]
    if not ranked:
        return "No model or floor has a score."
    models = [row for row in ranked if row.role == "model"]
    leads = [_lead(ranked)]
    several_below = ranked[0].role != "model" and len(models) > 1
    if several_below and (ranked[0].beats or {row.place for row in models} & {*models[0].beats}):
        leads.append(f"Of the models, {_lead(models)}")
    return " ".join((*leads, *group.disagreements))


def _lead(ranked: Sequence[BoardRow]) -> str:
    """Return which of the rows scores highest, and whom of them the suite tells it from."""
    leader, *others = ranked
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
