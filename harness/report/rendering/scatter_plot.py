"""Quality against cost as a drawing."""

from collections.abc import Sequence

from markupsafe import Markup

from harness.report.content.group import Group
from harness.report.content.plots import Frontier, Point
from harness.report.rendering.drawing import (
    HEIGHT,
    WIDTH,
    Draw,
    Layer,
    drawing,
    layer,
    name_layers,
    short_name,
    token,
)
from harness.report.rendering.label_layout import (
    GAP,
    CostAxis,
    cost_axis,
    label_positions,
    spread_marks,
)

# Left and right of the axis's ends there is room for marks.
MARGIN = 14
# What takes less time than this is drawn here: nobody chooses by it.
MIN_COST = {"seconds": 0.01}
COST_UNIT = {"weights_bytes": 1e6}
MIN_COST_LABEL = {"seconds": "≤0.01", "weights_bytes": "none", "price": "0"}
AXIS_LABEL = {"weights_bytes": "megabytes of weights"}


def scatter_plot(draw: Draw, group: Group, frontier: Frontier, label: str) -> Markup:
    """Return quality against a cost; see `drawing`."""
    return drawing(draw, _layers(group, frontier), group.models, label)


def _layers(group: Group, frontier: Frontier) -> list[Layer]:
    scale = cost_axis([point.cost for point in frontier.points], COST_UNIT.get(frontier.axis, 1.0),
                      MIN_COST.get(frontier.axis))  # fmt: skip
    ends = [100 * end for point in frontier.points for end in _interval_bounds(point)]
    low, high = max(min(ends) - 3, 0), min(max(ends) + 3, 100)
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [0, WIDTH], "nice": False},
        "axis": _cost_axis_encoding(scale, frontier),
    }
    y = {
        "field": "mean",
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"title": f"{group.metric}, times 100", "tickCount": 5},
    }
    rows = _rows(group, frontier.points, scale, low, high)
    best = [row for row in rows if row["frontier"]]
    line = [*best, {**best[-1], "x": WIDTH}] if best else []
    return [
        layer("frontier", line, {"type": "line", "interpolate": "step-after"}, x, y),
        layer("interval", rows, {"type": "rule"}, x, {**y, "field": "low"}, y2={"field": "high"}),
        *(
            layer(kind, [row for row in rows if (row["role"] == "model") == is_model],
                  {"type": "point", "size": 75, "filled": True, "opacity": 1}, x, y)
            for kind, is_model in (("floor", False), ("model", True))
        ),
        *name_layers(rows, x, y, GAP),
    ]  # fmt: skip


def _cost_axis_encoding(scale: CostAxis, frontier: Frontier) -> Layer:
    decades = range(scale.least, scale.most + 1)
    labels = [MIN_COST_LABEL[frontier.axis], *(f"{10.0**power:,g}" for power in decades[1:])]
    places = [_x_position(scale, power) for power in decades]
    expression = " : ".join(f"datum.value == {at} ? '{label}'" for at, label in zip(places, labels))  # noqa: B905
    return {
        "title": AXIS_LABEL.get(frontier.axis, frontier.label),
        "values": places,
        "labelExpr": f"{expression} : ''",
        "labelAlign": "center",
        "grid": False,
    }


def _x_position(scale: CostAxis, power: float) -> float:
    share = (power - scale.least) / (scale.most - scale.least)
    return round(MARGIN + share * (WIDTH - 2 * MARGIN), 2)


def _rows(
    group: Group, points: Sequence[Point], scale: CostAxis, low: float, high: float
) -> list[Layer]:
    """Return the points with their places; a name's height is on the axis of the means."""
    points_per_pixel = (high - low) / HEIGHT
    xs = spread_marks([_x_position(scale, scale.at(point.cost)) for point in points])
    models = [group.models.index(point.model) for point in points]
    marks = [
        (x, (high - 100 * point.mean) / points_per_pixel)
        for x, point in zip(xs, points, strict=True)
    ]
    positions = label_positions(
        marks, [len(short_name(group.models[model])) for model in models], WIDTH
    )
    return [
        {
            "row": token(model),
            "x": x,
            "mean": 100 * point.mean,
            "low": 100 * _interval_bounds(point)[0],
            "high": 100 * _interval_bounds(point)[1],
            "role": point.role,
            "frontier": point.frontier,
            "side": "left" if at_left else "right",
            "name": high - y * points_per_pixel,
        }
        for model, point, x, (at_left, y) in zip(models, points, xs, positions, strict=True)
    ]


def _interval_bounds(point: Point) -> tuple[float, float]:
    if point.interval is None:
        return point.mean, point.mean
    return point.interval.low, point.interval.high
