"""Every row against every other, as a matrix."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import ComparisonLine, Row
from harness.report.building.numbers import interval
from harness.report.content.part import Interval
from harness.report.content.plots import PairCell, Pairs
from harness.stats import SIGNIFICANCE_LEVEL
from harness.visible import visible_text


def pair_matrix(rows: Sequence[Row], comparisons: Sequence[ComparisonLine]) -> Pairs | None:
    """Return the matrix of a group's rows that were compared, best first; `None` if none were."""
    if not comparisons:
        return None
    compared_models = {name for comparison in comparisons for name in (comparison.a, comparison.b)}
    names = [row.model for row in rows if row.model in compared_models]
    cells: dict[tuple[str, str], PairCell] = {}
    for comparison in comparisons:
        cells[comparison.a, comparison.b] = _cell(comparison)
        cells[comparison.b, comparison.a] = _reversed_cell(cells[comparison.a, comparison.b])
    return Pairs(
        models=tuple(map(visible_text, names)),
        cells=tuple(tuple(cells.get((a, b)) for b in names) for a in names),
    )


def _cell(comparison: ComparisonLine) -> PairCell:
    verdict = "not told apart" if comparison.p_adjusted is not None else "not tested"
    if comparison.p_adjusted is not None and comparison.p_adjusted < SIGNIFICANCE_LEVEL:
        verdict = "better" if comparison.difference > 0 else "worse"
    return PairCell(
        difference=comparison.difference,
        interval=interval(comparison.interval),
        p=comparison.p,
        p_adjusted=comparison.p_adjusted,
        wins=comparison.wins,
        ties=comparison.ties,
        losses=comparison.losses,
        verdict=verdict,
    )


def _reversed_cell(cell: PairCell) -> PairCell:
    """Return a cell as seen from the other row."""
    original = cell.interval
    opposite = {"better": "worse", "worse": "better"}
    return cell.model_copy(
        update={
            "difference": 0.0 - cell.difference,
            "interval": original
            and Interval(low=0.0 - original.high, high=0.0 - original.low, method=original.method),
            "wins": cell.losses,
            "losses": cell.wins,
            "verdict": opposite.get(cell.verdict, cell.verdict),
        }
    )
