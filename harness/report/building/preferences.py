"""The tables of which row's summaries judges prefer."""

from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.printing.judges.preference_tables import preference_text
from harness.records import Scope, Task
from harness.report.building.numbers import interval
from harness.report.content.group import PreferenceRow, PreferenceTable
from harness.visible import visible_text


def preference_content(board: Leaderboard, task: Task, scope: Scope) -> tuple[PreferenceTable, ...]:
    """Return a table for each judge that was asked about pairs of a group's summaries."""
    if task != "summarize":
        return ()
    return tuple(
        PreferenceTable(
            judge=visible_text(judge.name),
            told=visible_text(preference_text(judge)),
            rows=tuple(
                PreferenceRow(
                    model=visible_text(row.model),
                    strength=row.strength,
                    interval=interval(row.interval),
                    wins=row.wins,
                    n=row.n,
                )
                for row in judge.preferences[scope].strengths
            ),
        )
        for judge in board.judges
        if scope in judge.preferences and judge.preferences[scope].strengths
    )
