"""A history as one page to look at: a file that needs no network, as that of a run."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from markupsafe import Markup

from harness.files import make_folder, refuse_foreign_file, write_atomically
from harness.history.course_plot import course_plot, scale
from harness.history.history import Course, Moment
from harness.history.text import AS_BEFORE, by_title, score_with_interval
from harness.report.rendering.drawing import Draw
from harness.report.rendering.surroundings import package_texts, template_environment
from harness.report.rendering.vega_process import VegaProcess
from harness.report.safety.content_security_policy import content_security_policy
from harness.visible import visible_text

# How each page begins: what does not is never replaced by one.
_BEGINNING = r"<!doctype html>.*<meta name=\"generator\" content=\"golden-harness history\">"


def write_page(courses: Sequence[Course], path: Path) -> None:
    """Write the page of some courses.

    Raises UsageError where another file is there already, StoreError where it cannot be drawn or
    written.
    """
    refuse_foreign_file(path, _BEGINNING, "page of a history", "--page")
    make_folder(path.parent)
    with VegaProcess() as vega:
        write_atomically(path, _html(courses, vega.svg))


def _html(courses: Sequence[Course], draw: Draw) -> str:
    runs = _runs(courses)
    numbers = {moment.run: number for number, moment in enumerate(runs, start=1)}
    styles = [
        *package_texts("harness.report", "style", ("ground", "board", "plot", "print"), "css"),
        *package_texts("harness.history", "style", ("history",), "css"),
    ]
    environment = template_environment("harness.history")
    environment.filters["visible"] = visible_text
    return environment.get_template("history.html.j2").render(
        runs=runs,
        numbers=numbers,
        sections=[
            (title, own, _plots(draw, own, numbers)) for title, own in by_title(courses).items()
        ],
        score=score_with_interval,
        as_before=AS_BEFORE,
        styles=[Markup(style) for style in styles],  # noqa: S704  the package's own files
        policy=content_security_policy([], styles, files=False),
    )


def _runs(courses: Sequence[Course]) -> list[Moment]:
    """Return a moment of each run, in the order of their time."""
    by_run = {moment.run: moment for course in courses for moment in course.moments}
    return sorted(by_run.values(), key=lambda moment: (moment.made_on, moment.run))


def _plots(
    draw: Draw, courses: Sequence[Course], numbers: dict[str, int]
) -> Callable[[Course], Markup]:
    """Return what draws each of the courses of a metric, all on one axis."""
    return partial(course_plot, draw, numbers=numbers, scale=scale(courses))
