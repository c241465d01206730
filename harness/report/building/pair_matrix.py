"""Every row against every other, as a matrix."""

from collections.abc import Sequence

from harness.leaderboard.leaderboard import ComparisonLine, Row
from harness.report.building.numbers import interval
from harness.report.content.part import Interval
from harness.report.content.plots import PairCell, Pairs
from harness.stats import SIGNIFICANCE_LEVEL
from harness.visible import visible_text


def pair_matrix(
    rows: Sequence[Row], comparisons: Sequence[ComparisonLine], sign: int
) -> Pairs | None:
    """Return the matrix of a group's rows that were compared, best first; `None` if none were.

    `sign` is -1 where lower is better by the metric.
    """
    if not comparisons:
        return None
    compared_models = {name for comparison in comparisons for name in (comparison.a, comparison.b)}
    names = [row.model for row in rows if row.model in compared_models]
    clusters = {row.model: row.metrics[comparisons[0].metric].clusters for row in rows}
    cells: dict[tuple[str, str], PairCell] = {}
    for comparison in comparisons:
        cells[comparison.a, comparison.b] = _cell(comparison, clusters[comparison.a], sign)
        cells[comparison.b, comparison.a] = _reversed_cell(cells[comparison.a, comparison.b])
    return Pairs(
        models=tuple(map(visible_text, names)),
        cells=tuple(tuple(cells.get((a, b)) for b in names) for a in names),
    )


def _cell(comparison: ComparisonLine, clusters: int, sign: int) -> PairCell:
    verdict = "not told apart" if comparison.p_adjusted is not None else "not tested"
    if comparison.p_adjusted is not None and comparison.p_adjusted < SIGNIFICANCE_LEVEL:
        verdict = "better" if sign * comparison.difference > 0 else "worse"
    return PairCell(
        difference=comparison.difference,
        simultaneous=interval(comparison.simultaneous),
        no_simultaneous=_why_none(comparison, clusters),
        interval=interval(comparison.interval),
        p=comparison.p,
        p_adjusted=comparison.p_adjusted,
        wins=comparison.wins,
        ties=comparison.ties,
        losses=comparison.losses,
        verdict=verdict,
        n=comparison.n,
        caution=comparison.caution,
    )


def _why_none(comparison: ComparisonLine, clusters: int) -> str | None:
    """Return why a comparison has no simultaneous interval; `None` if it has one."""
    if comparison.simultaneous is not None:
        return None
    if comparison.p_adjusted is None:
        return "none of two floors"
    if comparison.interval is None and clusters > 1:
        return f"none, since all {comparison.scope}s differ by the same"
    return f"none at {clusters} {comparison.scope}{'s' if clusters > 1 else ''}"


def _reversed_interval(original: Interval | None) -> Interval | None:
    if original is None:
        return None
    return Interval(low=0.0 - original.high, high=0.0 - original.low, method=original.method)


def _reversed_cell(cell: PairCell) -> PairCell:
    """Return a cell as seen from the other row."""
    opposite = {"better": "worse", "worse": "better"}
    return cell.model_copy(
        update={
            "difference": 0.0 - cell.difference,
            "simultaneous": _reversed_interval(cell.simultaneous),
            "interval": _reversed_interval(cell.interval),
            "wins": cell.losses,
            "losses": cell.wins,
            "verdict": opposite.get(cell.verdict, cell.verdict),
        }
    )
