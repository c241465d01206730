"""The page as HTML: one file with its styles, scripts and data in it."""

from collections.abc import Iterable
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.report.content.page import Page
from harness.report.rendering import number_format
from harness.report.rendering.axis import axis
from harness.report.rendering.headline import glance
from harness.report.rendering.row_changes import movement
from harness.report.rendering.scatter_plot import plot
from harness.report.safety.content_security_policy import policy
from harness.report.safety.script_json import embedded

# In the order in which the page runs them; each sees what those before it name.
SCRIPTS = ("element", "page", "tip", "board", "copy", "chunks", "marked", "output", "example",
           "order", "list", "address")  # fmt: skip
STYLES = ("ground", "board", "plot", "example", "print")


def html(page: Page, chunks: Iterable[str]) -> str:
    """Return the page; `chunks` are the JSON texts of the examples that stand in it."""
    scripts = _read("script", SCRIPTS, "js")
    styles = _read("style", STYLES, "css")
    return _environment().get_template("page.html.j2").render(
        page=page,
        data=Markup(embedded(page)),  # noqa: S704
        chunks=[Markup(one) for one in chunks],  # noqa: S704
        scripts=[Markup(one) for one in scripts],  # noqa: S704
        styles=[Markup(one) for one in styles],  # noqa: S704
        policy=policy(scripts, styles, files=bool(page.chunk_files)),
    )  # fmt: skip


def _read(folder: str, names: Iterable[str], suffix: str) -> list[str]:
    at = resources.files("harness.report") / folder
    return [(at / f"{name}.{suffix}").read_text(encoding="utf-8") for name in names]


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "points": number_format.points,
        "signed": number_format.signed,
        "percent": number_format.percent,
        "seconds": number_format.seconds,
        "rate": number_format.rate,
        "megabytes": number_format.megabytes,
        "probability": number_format.probability,
    }
    made.globals |= {"axis": axis, "glance": glance, "movement": movement, "plot": plot}
    return made
