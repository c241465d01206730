"""A plot as a drawing: Vega-Lite's SVG, made here, so that the page needs no script.

Names never reach the renderer, which a control character would bring down: it is given tokens, and
the names take their place afterwards. Colours are the page's: its style names Vega's classes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT = 430, 270
# A name that is longer is cut in a plot: the leaderboard has it in full.
MAX_NAME_LENGTH = 22

Layer = dict[str, Any]
# What makes a Vega-Lite specification an SVG.
Draw = Callable[[Mapping[str, object]], str]


def drawing(draw: Draw, layers: Sequence[Layer], names: Sequence[str], label: str) -> Markup:
    """Return an SVG drawing of layers with `label` for those who cannot see it.

    What belongs to a row has the attribute `data-model`, its index in `names`.
    """
    svg = draw(_specification(layers))
    svg = re.sub(r' (role|aria-roledescription|aria-hidden)="[^"]*"', "", svg)
    svg = re.sub(r' aria-label="@(\d+)@"', r' data-model="\1"', svg)
    svg = re.sub(r' aria-label="[^"]*"', "", svg)
    svg = re.sub(r' (width|height)="\d+"', "", svg, count=2)
    svg = re.sub(r"@(\d+)@", lambda match: str(escape(short_name(names[int(match[1])]))), svg)
    head = Markup('<svg role="img" aria-label="{}" ').format(label)
    return head + Markup(svg.removeprefix("<svg "))  # noqa: S704


def short_name(name: str) -> str:
    """Return a name as a plot has it."""
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"


def token(row: int) -> str:
    """Return what stands for a row's name until it is drawn."""
    return f"@{row}@"


def layer(
    name: str, rows: Sequence[Layer], mark: Layer, x: Layer, y: Layer, **others: Layer
) -> Layer:
    """Return a layer; each of `rows` has its token as `row`, but for lines, which are of no row."""
    encoding = {"x": x, "y": y, **others}
    if mark["type"] != "line":
        encoding["description"] = {"field": "row"}
    return {"name": name, "data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def name_layers(rows: Sequence[Layer], x: Layer, y: Layer, gap: float) -> list[Layer]:
    """Return the layers of the names, each at its `side` of its mark, as high as `name`."""
    return [
        layer(
            f"name_{side}",
            [row for row in rows if row["side"] == side],
            {"type": "text", "align": "right" if side == "left" else "left",
             "dx": -gap if side == "left" else gap, "fontSize": 13},
            x, {**y, "field": "name"}, text={"field": "row"},
        )
        for side in ("left", "right")
    ]  # fmt: skip


def _specification(layers: Sequence[Layer]) -> Layer:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "padding": 4,
        "config": {
            "font": "system-ui, sans-serif",
            "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"},
            "legend": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"},
            "view": {"stroke": None},
        },
        "layer": list(layers),
    }
