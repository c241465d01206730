"""Quality against cost as a drawing: Vega-Lite's SVG, made here, so that the page needs no script.

Names never reach the renderer, which a control character would bring down: it is given tokens, and
the names take their place afterwards. Colours are the page's: its style names Vega's classes.
"""

import re
from collections.abc import Sequence
from typing import Any

import vl_convert
from markupsafe import Markup, escape

from harness.report.content.group import Group
from harness.report.content.plots import Frontier, Point
from harness.report.rendering.label_layout import CostAxis, cost_axis, label_positions, spread_marks

VEGA_LITE = "6.4"
WIDTH, HEIGHT = 430, 270
# Left and right of the axis's ends there is room for marks.
MARGIN = 14
# A name that is longer is cut in a plot: the leaderboard has it in full.
MAX_NAME_LENGTH = 22
# What takes less time than this is drawn here: nobody chooses by it.
MIN_COST = {"seconds": 0.01}
COST_UNIT = {"weights_bytes": 1e6}
MIN_COST_LABEL = {"seconds": "≤0.01", "weights_bytes": "none", "price": "0"}
AXIS_LABEL = {"weights_bytes": "megabytes of weights"}

Layer = dict[str, Any]


def scatter_plot(group: Group, frontier: Frontier, label: str) -> Markup:
    """Return an SVG drawing with `label` for those who cannot see it.

    What belongs to a row has the attribute `data-model`, its index in the group.
    """
    drawing = vl_convert.vegalite_to_svg(_specification(group, frontier), vl_version=VEGA_LITE)
    drawing = re.sub(r' (role|aria-roledescription|aria-hidden)="[^"]*"', "", drawing)
    drawing = re.sub(r' aria-label="@(\d+)@"', r' data-model="\1"', drawing)
    drawing = re.sub(r' aria-label="[^"]*"', "", drawing)
    drawing = re.sub(r' (width|height)="\d+"', "", drawing, count=2)
    drawing = re.sub(r"@(\d+)@", lambda match: str(escape(_name(group, int(match[1])))), drawing)
    head = Markup('<svg role="img" aria-label="{}" ').format(label)
    return head + Markup(drawing.removeprefix("<svg "))  # noqa: S704


def _name(group: Group, model: int) -> str:
    name = group.models[model]
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"


def _specification(group: Group, frontier: Frontier) -> Layer:
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
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "padding": 4,
        "config": {
            "font": "system-ui, sans-serif",
            "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"},
            "view": {"stroke": None},
        },
        "layer": [
            _layer("frontier", line, {"type": "line", "interpolate": "step-after"}, x, y),
            _layer("interval", rows, {"type": "rule"}, x, {**y, "field": "low"},
                   y2={"field": "high"}),
            *(
                _layer(kind, [row for row in rows if (row["role"] == "model") == is_model],
                       {"type": "point", "size": 75, "filled": True, "opacity": 1}, x, y)
                for kind, is_model in (("floor", False), ("model", True))
            ),
            *(
                _layer(f"name_{side}", [row for row in rows if row["side"] == side],
                       {"type": "text", "align": "right" if side == "left" else "left",
                        "dx": -9 if side == "left" else 9, "fontSize": 13},
                       x, {**y, "field": "name"}, text={"field": "row"})
                for side in ("left", "right")
            ),
        ],
    }  # fmt: skip


def _layer(
    name: str, rows: Sequence[Layer], mark: Layer, x: Layer, y: Layer, **others: Layer
) -> Layer:
    encoding = {"x": x, "y": y, **others}
    if mark["type"] != "line":
        encoding["description"] = {"field": "row"}
    return {"name": name, "data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


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
    positions = label_positions(marks, [len(_name(group, model)) for model in models], WIDTH)
    return [
        {
            "row": f"@{model}@",
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
