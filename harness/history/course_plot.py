"""The course of a model over runs as a drawing: means with intervals, from run to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.history.history import Course, Moment
from harness.leaderboard.numbers import Number
from harness.report.rendering.drawing import Draw, Layer, drawing, layer

# On an axis of more runs not each has its number.
_MOST_TICKS = 12


@dataclass(frozen=True)
class Scale:
    """The axis that all courses of a metric are drawn on, as numbers are printed."""

    low: float
    high: float
    factor: float
    title: str


def scale(courses: Sequence[Course]) -> Scale:
    """Return the axis that all means and intervals fit on, within the metric's range."""
    declaration = courses[0].line.declaration
    factor = 100.0 if declaration.is_share or declaration.is_difference else 1.0
    ends = [
        end * factor
        for course in courses
        for moment in course.moments
        if moment.number is not None
        for end in _ends(moment.number)
    ]
    spare = 0.06 * ((max(ends) - min(ends)) or factor / 20) if ends else 0.0
    low = max(min(ends, default=0.0) - spare, declaration.low * factor)
    high = min(max(ends, default=factor) + spare, declaration.high * factor)
    title = courses[0].metric + (", times 100" if factor > 1 else "")
    return Scale(low, high, factor, title)


def course_plot(draw: Draw, course: Course, numbers: Mapping[str, int], scale: Scale) -> Markup:
    """Return a model's mean in each run, by the runs' `numbers`; see `drawing`.

    A dashed line stands between two runs where something is recorded to have changed. Where the
    numbers may not be held against each other, it is a full one, and no line joins the means.
    """
    x: Layer = {
        "field": "run",
        "type": "quantitative",
        "scale": {"domain": [0.5, len(numbers) + 0.5], "nice": False, "zero": False},
        "axis": {"title": "run", "values": _ticks(len(numbers)), "format": "d", "grid": False},
    }
    y: Layer = {
        "field": "mean",
        "type": "quantitative",
        "scale": {"domain": [scale.low, scale.high], "nice": False, "zero": False},
        "axis": {"title": scale.title, "tickCount": 5},
    }
    rows, changed, apart = _rows(course, numbers, scale)
    from_low = {**y, "field": "low"}
    kind = "floor" if course.role == "floor" else "model"
    line = {"type": "line", "interpolate": "linear"}
    layers = [
        layer("changed", changed, {"type": "rule"}, x, from_low, y2={"field": "high"}),
        layer("apart", apart, {"type": "rule"}, x, from_low, y2={"field": "high"}),
        layer("course", rows, line, x, y, detail={"field": "stretch", "type": "nominal"}),
        layer("interval", rows, {"type": "rule"}, x, from_low, y2={"field": "high"}),
        layer(kind, rows, {"type": "point", "size": 75, "filled": True, "opacity": 1}, x, y),
    ]
    return drawing(draw, layers, [course.model], f"{course.metric} of {course.model} over runs")


def _rows(
    course: Course, numbers: Mapping[str, int], scale: Scale
) -> tuple[list[Layer], list[Layer], list[Layer]]:
    """Return the marks, and the lines between runs: of what changed, and of what is apart."""
    rows: list[Layer] = []
    changed: list[Layer] = []
    apart: list[Layer] = []
    before: Moment | None = None
    stretch = 0
    for moment in course.moments:
        if before is not None:
            between = (numbers[before.run] + numbers[moment.run]) / 2
            rule = {"row": "", "run": between, "low": scale.low, "high": scale.high}
            if not moment.comparable:
                stretch += 1
                apart.append(rule)
            elif moment.changes:
                changed.append(rule)
        before = moment
        if moment.number is None or moment.number.mean is None:
            continue
        ends = [end * scale.factor for end in _ends(moment.number)]
        rows.append(
            {
                "row": "",
                "run": numbers[moment.run],
                "mean": moment.number.mean * scale.factor,
                "low": ends[0],
                "high": ends[-1],
                "stretch": stretch,
            }
        )
    return rows, changed, apart


def _ends(number: Number) -> tuple[float, ...]:
    if number.mean is None:
        return ()
    interval = number.interval
    return (interval.low, interval.high) if interval else (number.mean, number.mean)


def _ticks(runs: int) -> list[int]:
    """Return the numbers of runs that stand at the axis.

    >>> _ticks(3), _ticks(30)
    ([1, 2, 3], [1, 4, 7, 10, 13, 16, 19, 22, 25, 28])
    """
    return list(range(1, runs + 1, -(-runs // _MOST_TICKS)))
