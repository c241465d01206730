"""Quality against cost as a drawing: Vega-Lite's SVG, made here, so that the page needs no script.

Names never reach the renderer, which a control character would bring down: it is given tokens, and
the names take their place afterwards. Colours are the page's: its style names Vega's classes.
"""

import math
import re
from dataclasses import dataclass

import vl_convert
from markupsafe import Markup, escape

from harness.report.data.group import Group
from harness.report.data.plots import Frontier, Point

WIDTH, HEIGHT = 440, 270
VEGA_LITE = "6.4"
# A name that is longer is cut in a plot: it has the leaderboard to be read in full.
LONGEST = 22
LINE = 15
# What takes less is drawn here: nobody chooses by it. In the axis's units.
LEAST = {"seconds": 0.01}
UNIT = {"weights_bytes": 1e6}
NOTHING = {"seconds": "≤0.01", "weights_bytes": "none", "price": "0"}


@dataclass(frozen=True)
class _Scale:
    """A logarithmic axis of costs; `least` is the decade that stands for nothing."""

    unit: float
    least: int
    most: int

    def at(self, cost: float) -> float:
        size = cost / self.unit
        return float(self.least) if size <= 10**self.least else math.log10(size)


def plot(group: Group, frontier: Frontier, label: str) -> Markup:
    """Return an SVG drawing with `label` for those who cannot see it.

    What belongs to a row has the attribute `data-model`, its index in the group.
    """
    specification = _specification(group, frontier)
    drawing = vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE)
    drawing = re.sub(r' (role|aria-roledescription|aria-hidden)="[^"]*"', "", drawing)
    drawing = re.sub(r' aria-label="@(\d+)@"', r' data-model="\1"', drawing)
    drawing = re.sub(r' aria-label="[^"]*"', "", drawing)
    drawing = re.sub(r' (width|height)="\d+"', "", drawing, count=2)
    drawing = re.sub(r"@(\d+)@", lambda found: escape(_name(group, int(found[1]))), drawing)
    head = Markup('<svg role="img" aria-label="{}" ').format(label)
    return head + Markup(drawing.removeprefix("<svg "))  # noqa: S704


def _name(group: Group, model: int) -> str:
    name = group.models[model]
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _specification(group: Group, frontier: Frontier) -> dict[str, object]:
    points = frontier.points
    scale = _scale(frontier)
    ends = [100 * one for point in points for one in _reach(point)]
    low, high = max(min(ends) - 3, 0), min(max(ends) + 3, 100)
    shelf = _shelves([(scale.at(p.cost), 100 * p.mean) for p in points], scale, low, high)
    values = [
        {
            "row": f"@{group.models.index(one.model)}@",
            "cost": scale.at(one.cost),
            "mean": 100 * one.mean,
            "low": 100 * _reach(one)[0],
            "high": 100 * _reach(one)[1],
            "shelf": height,
            "role": one.role,
            "frontier": one.frontier,
            "left": scale.at(one.cost) > scale.least + 0.62 * (scale.most - scale.least),
        }
        for one, height in zip(points, shelf, strict=True)
    ]
    x = {
        "field": "cost",
        "type": "quantitative",
        "scale": {"domain": [scale.least, scale.most], "nice": False},
        "axis": {
            "title": frontier.label,
            "values": list(range(scale.least, scale.most + 1)),
            "labelExpr": f"datum.value == {scale.least} ? '{NOTHING[frontier.axis]}'"
            " : format(pow(10, datum.value), ',~r')",
            "grid": False,
        },
    }
    y = {
        "field": "mean",
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"title": f"{group.metric}, times 100", "tickCount": 5},
    }
    row = {"description": {"field": "row"}}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "padding": 4,
        "data": {"values": values},
        "config": {
            "font": "system-ui, sans-serif",
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
            "view": {"stroke": None},
        },
        "layer": [
            {
                "name": "frontier",
                "transform": [{"filter": "datum.frontier"}],
                "mark": {"type": "line", "interpolate": "step-after"},
                "encoding": {"x": x, "y": y},
            },
            {
                "name": "interval",
                "mark": "rule",
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    **row,
                },
            },
            {
                "name": "floor",
                "transform": [{"filter": "datum.role != 'model'"}],
                "mark": {"type": "point", "size": 60, "filled": True, "opacity": 1},
                "encoding": {"x": x, "y": y, **row},
            },
            {
                "name": "model",
                "transform": [{"filter": "datum.role == 'model'"}],
                "mark": {"type": "point", "size": 80, "filled": True, "opacity": 1},
                "encoding": {"x": x, "y": y, **row},
            },
            *(
                {
                    "name": "name",
                    "transform": [{"filter": f"datum.left == {str(left).lower()}"}],
                    "mark": {
                        "type": "text",
                        "align": "right" if left else "left",
                        "dx": -9 if left else 9,
                        "fontSize": 12,
                    },
                    "encoding": {
                        "x": x,
                        "y": {**y, "field": "shelf"},
                        "text": {"field": "row"},
                        **row,
                    },
                }
                for left in (False, True)
            ),
        ],
    }


def _reach(point: Point) -> tuple[float, float]:
    if point.interval is None:
        return point.mean, point.mean
    return point.interval.low, point.interval.high


def _scale(frontier: Frontier) -> _Scale:
    unit = UNIT.get(frontier.axis, 1.0)
    least = LEAST.get(frontier.axis)
    costs = [one.cost / unit for one in frontier.points if one.cost > 0]
    if least is not None:
        costs = [max(one, least) for one in costs] or [least]
        bottom = round(math.log10(least))
    else:
        bottom = math.floor(math.log10(min(costs, default=1.0)))
        bottom -= any(one.cost <= 0 for one in frontier.points)
    top = math.ceil(math.log10(max(costs, default=1.0)) + 1e-9)
    return _Scale(unit, bottom, max(top, bottom + 1))


def _shelves(
    points: list[tuple[float, float]], scale: _Scale, low: float, high: float
) -> list[float]:
    """Return where each point's name stands, so that no name is written over its neighbour's.

    Names go down from the top, each at its point or just below the one before it, if the two are
    closer in x than a third of the plot.
    """
    line = LINE * (high - low) / HEIGHT
    near = (scale.most - scale.least) / 3
    found = [mean for _, mean in points]
    order = sorted(range(len(points)), key=lambda one: -points[one][1])
    for position, one in enumerate(order):
        for other in order[:position]:
            if abs(points[one][0] - points[other][0]) < near:
                found[one] = min(found[one], found[other] - line)
    return found
