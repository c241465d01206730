"""Support against coverage as a drawing, each mark as large as the summaries are long."""

from collections.abc import Sequence
from statistics import median

from markupsafe import Markup

from harness.report.content.group import Group
from harness.report.content.part import Interval
from harness.report.content.plots import Plane
from harness.report.rendering.axis import ticks
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
from harness.report.rendering.label_layout import label_positions, raised_marks

WHOLE = "whole article"
# Each kind of row has a shape of its own; the page's style fills models alone.
SHAPES = {
    "floor": "circle", "people": "diamond", "oracle": "triangle-up", "whole": "square",
    "model": "circle",
}  # fmt: skip
# Areas of marks in pixels: of one of usual length, of the least and of the largest.
USUAL_AREA, LEAST_AREA, MOST_AREA = 75.0, 15.0, 420.0
# Between the middle of a mark and its name.
GAP = 13.0
# Beyond the outermost ends, in points.
MARGIN = 4.0
ROUNDS = 4
# Lengths that the key names.
LENGTHS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def plane_plot(draw: Draw, group: Group, plane: Plane, label: str) -> Markup:
    """Return the plane of a group; see `drawing`."""
    return drawing(draw, _layers(group, plane), [*group.models, WHOLE], label)


def _layers(group: Group, plane: Plane) -> list[Layer]:
    rows = _rows(group, plane)
    x = _axis(rows, "coverage", "coverage: golden questions answered, times 100")
    y = _axis(rows, "support", "support by the article, times 100")
    _place(rows, [*group.models, WHOLE], x["scale"]["domain"], y["scale"]["domain"])
    size = _size([row["words"] for row in rows])
    return [
        layer("across", rows, {"type": "rule"}, {**x, "field": "coverage_low"}, y,
              x2={"field": "coverage_high"}),
        layer("interval", rows, {"type": "rule"}, x, {**y, "field": "support_low"},
              y2={"field": "support_high"}),
        *(
            layer(kind, [row for row in rows if row["kind"] == kind],
                  {"type": "point", "shape": shape, "filled": True, "opacity": 1}, x, y, size=size)
            for kind, shape in SHAPES.items()
        ),
        *name_layers(rows, x, y, GAP),
    ]  # fmt: skip


def _rows(group: Group, plane: Plane) -> list[Layer]:
    rows = [
        {
            "row": token(group.models.index(point.model)),
            "kind": point.role,
            "words": point.words,
            **_ends("coverage", point.coverage, point.coverage_interval),
            **_ends("support", point.support, point.support_interval),
        }
        for point in plane.points
    ]
    if plane.whole:
        rows.append(
            {
                "row": token(len(group.models)),
                "kind": "whole",
                "words": plane.whole.words,
                **_ends("coverage", plane.whole.coverage, None),
                **_ends("support", 1.0, None),
            }
        )
    return rows


def _ends(name: str, mean: float, interval: Interval | None) -> Layer:
    low, high = (interval.low, interval.high) if interval else (mean, mean)
    return {name: 100 * mean, f"{name}_low": 100 * low, f"{name}_high": 100 * high}


def _axis(rows: Sequence[Layer], name: str, title: str) -> Layer:
    ends = [row[f"{name}_{end}"] for row in rows for end in ("low", "high")]
    low, high = max(min(ends) - MARGIN, -MARGIN), min(max(ends) + MARGIN, 100 + MARGIN)
    values = [100 * tick for tick in ticks(max(low, 0) / 100, min(high, 100) / 100)]
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"title": title, "values": values, "format": "d"},
    }


def _size(words: Sequence[float]) -> Layer:
    most = max(*words, 1.0)
    area = min(MOST_AREA, USUAL_AREA * most / max(median(words), 1.0))
    known = [length for length in LENGTHS if min(words) / 2 <= length <= most]
    return {
        "field": "words",
        "type": "quantitative",
        "scale": {"domain": [0, most], "range": [LEAST_AREA, max(area, USUAL_AREA)]},
        "legend": {"title": "words", "values": known[-4:] or [round(most)], "orient": "bottom",
                   "direction": "horizontal", "symbolType": "circle", "format": ",d"},
    }  # fmt: skip


def _place(
    rows: Sequence[Layer], names: Sequence[str], xs: Sequence[float], ys: list[float]
) -> None:
    """Raise marks that would lie on each other, with room above for it, and place the names.

    `xs` and `ys` are the domains of the axes, of which the second grows.
    """

    def pixels(name: str) -> list[float]:
        return [(row[name] - xs[0]) / (xs[1] - xs[0]) * WIDTH for row in rows]

    spans = list(zip(pixels("coverage_low"), pixels("coverage_high"), strict=True))
    supports = [row["support"] for row in rows]
    top = ys[1]
    # The room that raised marks need makes a pixel more points: found in a few rounds.
    for _ in range(ROUNDS):
        points_per_pixel = (ys[1] - ys[0]) / HEIGHT
        heights = raised_marks(
            spans, [(ys[1] - support) / points_per_pixel for support in supports]
        )
        highest = ys[1] - min(heights) * points_per_pixel
        ys[1] = max(top, highest + MARGIN)
    points_per_pixel = (ys[1] - ys[0]) / HEIGHT
    heights = raised_marks(spans, [(ys[1] - support) / points_per_pixel for support in supports])
    marks = list(zip(pixels("coverage"), heights, strict=True))
    letters = [len(short_name(names[int(row["row"].strip("@"))])) for row in rows]
    places = label_positions(marks, letters, WIDTH, GAP)
    for row, height, (at_left, name) in zip(rows, heights, places, strict=True):
        row["support"] = ys[1] - height * points_per_pixel
        row["support_high"] = max(row["support_high"], row["support"])
        row |= {"side": "left" if at_left else "right", "name": ys[1] - name * points_per_pixel}
