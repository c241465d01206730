"""The page as HTML: one file with its styles, scripts and data in it."""

from collections.abc import Iterable, Iterator
from functools import partial

from jinja2 import Environment
from markupsafe import Markup

from harness.report.content.page import Page
from harness.report.rendering.axis import score_axis
from harness.report.rendering.drawing import Draw
from harness.report.rendering.headline import headline
from harness.report.rendering.plane_plot import plane_plot
from harness.report.rendering.row_changes import changed_rows
from harness.report.rendering.scatter_plot import scatter_plot
from harness.report.rendering.surroundings import package_texts, template_environment
from harness.report.rendering.vega_process import VegaProcess
from harness.report.safety.content_security_policy import content_security_policy
from harness.report.safety.script_json import script_json_parts

# In the order in which the page runs them; each sees what those before it name.
SCRIPTS = ("element", "page", "tip", "board", "copy", "chunks", "marked", "reader",
           "opinions", "output", "example", "order", "list", "address")  # fmt: skip
STYLES = ("ground", "board", "plot", "example", "print")


def page_html(page: Page, chunks: Iterable[str]) -> Iterator[str]:
    """Yield the page, in parts: whole, one of many examples would be held several times.

    `chunks` are the JSON texts of the examples that stand in it.

    Raises StoreError where its plots cannot be drawn.
    """
    scripts = package_texts("harness.report", "script", SCRIPTS, "js")
    styles = package_texts("harness.report", "style", STYLES, "css")
    with VegaProcess() as vega:
        yield from _environment(vega.svg).get_template("page.html.j2").generate(
            page=page,
            data=map(Markup, script_json_parts(page)),  # it escapes what could end a script
            chunks=[Markup(chunk) for chunk in chunks],  # noqa: S704  made by script_json too
            scripts=[Markup(script) for script in scripts],  # noqa: S704  the package's own files
            styles=[Markup(style) for style in styles],  # noqa: S704  the package's own files
            policy=content_security_policy(scripts, styles, files=bool(page.chunk_files)),
        )  # fmt: skip


def _environment(draw: Draw) -> Environment:
    environment = template_environment("harness.report")
    environment.globals |= {
        "score_axis": score_axis,
        "headline": headline,
        "changed_rows": changed_rows,
        "plane_plot": partial(plane_plot, draw),
        "scatter_plot": partial(scatter_plot, draw),
    }
    return environment
