"""The tables of which row's summaries a judge prefers."""

from collections.abc import Iterator

from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.judges.preferences_line import PreferencesLine, StrengthLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.records import Scope
from harness.tables.table import Column, Table, TableRow


def preference_tables(board: Leaderboard) -> Iterator[Table]:
    """Yield a table for each judge and scope of which two texts were compared."""
    models = {row.model for row in board.rows if row.role == "model"}
    for judge in board.judges:
        for scope, line in judge.preferences.items():
            if line.strengths:
                yield _table(judge, scope, line, models)


def _table(judge: JudgeLine, scope: Scope, line: PreferencesLine, models: set[str]) -> Table:
    of = "" if scope == "article" else f": {scope}"
    return Table(
        (
            Column(f"preferred by {judge.name}{of}", align="left", names=True),
            Column("strength", interval=1),
            Column("wins", keep=2),
            Column("pairs", keep=0),
        ),
        tuple(_row(strength, models) for strength in line.strengths),
    )


def _row(line: StrengthLine, models: set[str]) -> TableRow:
    interval = line.interval
    ends = "" if interval is None else f" [{interval.low:+.2f}, {interval.high:+.2f}]"
    is_model = line.model in models
    return TableRow(
        (
            line.model if is_model else f"({line.model})",
            f"{line.strength:+.2f}{ends}",
            f"{100 * line.wins:.1f}",
            f"{line.n:,}",
        ),
        "plain" if is_model else "dim",
    )


def preference_text(judge: JudgeLine) -> str:
    """Return what is to be known of a judge's preferences in sentences; "" where it has none."""
    told = "".join(_scope_text(scope, line) for scope, line in judge.preferences.items())
    if not told:
        return ""
    most = "" if judge.most_pairs is None else f" It was asked about {judge.most_pairs:,} at most."
    return (
        f"Which of two texts {judge.name} prefers, each pair asked about in both orders:{told}"
        f"{most} strength: log odds by Bradley and Terry, 0 being the mean of the rows, with the "
        "95 % interval over articles; wins: of a hundred pairs, a tie being half a win. No row is "
        "ranked by it."
    )


def _scope_text(scope: Scope, line: PreferencesLine) -> str:
    told = f" {line.pairs:,} pairs on {scope}s"
    if line.unasked:
        told += f", {line.unasked:,} of them unasked, being of the same words or without one"
    if line.failed:
        told += f", {line.failed:,} not judged"
    if line.changed is not None:
        told += f"; in {100 * line.changed:.0f} % who wins changed with the order"
    return f"{told}."
