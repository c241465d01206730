"""Every row against every other, as a matrix."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import ComparisonLine, Row
from harness.report.building.numbers import interval
from harness.report.content.part import Interval
from harness.report.content.plots import PairCell, Pairs
from harness.report.safety.visible_text import shown
from harness.stats import LEVEL


def pairs(rows: Sequence[Row], comparisons: Sequence[ComparisonLine]) -> Pairs | None:
    """Return the matrix of a group's rows that were compared, best first; `None` if none were."""
    if not comparisons:
        return None
    known = {name for one in comparisons for name in (one.a, one.b)}
    names = [row.model for row in rows if row.model in known]
    cells: dict[tuple[str, str], PairCell] = {}
    for one in comparisons:
        cells[one.a, one.b] = _cell(one)
        cells[one.b, one.a] = _turned(cells[one.a, one.b])
    return Pairs(
        models=tuple(map(shown, names)),
        cells=tuple(tuple(cells.get((a, b)) for b in names) for a in names),
    )


def _cell(one: ComparisonLine) -> PairCell:
    verdict = "not told apart"
    if one.p_holm < LEVEL:
        verdict = "better" if one.difference > 0 else "worse"
    return PairCell(
        difference=one.difference,
        interval=interval(one.interval),
        p=one.p,
        p_holm=one.p_holm,
        wins=one.wins,
        ties=one.ties,
        losses=one.losses,
        verdict=verdict,
    )


def _turned(cell: PairCell) -> PairCell:
    """Return a cell as seen from the other row."""
    known = cell.interval
    other = {"better": "worse", "worse": "better"}
    return cell.model_copy(
        update={
            "difference": 0.0 - cell.difference,
            "interval": known
            and Interval(low=0.0 - known.high, high=0.0 - known.low, method=known.method),
            "wins": cell.losses,
            "losses": cell.wins,
            "verdict": other.get(cell.verdict, cell.verdict),
        }
    )
