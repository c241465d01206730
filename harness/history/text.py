"""A history as a person reads it, and as machines do."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from harness.history.history import Course, Moment
from harness.leaderboard.printing.number_text import interval_text, score_text
from harness.tables.cells import csv_text
from harness.tables.table import ALWAYS, Column, Part, Table, TableRow

# Behind the name of the model.
_COLUMNS = (
    Column("made on", keep=1, align="left"),
    Column("run", keep=2, align="left"),
    Column("score", keep=ALWAYS),
    Column("n", keep=3),
    Column("failed", keep=4),
    Column("since the run before", keep=0, align="left"),
)
AS_BEFORE = "nothing that is recorded"
NOT_COMPARABLE = "NOT COMPARABLE: "


def history_parts(courses: Sequence[Course]) -> list[Part]:
    """Return a table for each task and scope, the runs of a model below each other."""
    return [_table(title, own) for title, own in by_title(courses).items()]


def by_title(courses: Sequence[Course]) -> dict[str, list[Course]]:
    """Return the courses of each task, scope and metric, by their title."""
    titled: dict[str, list[Course]] = {}
    for course in courses:
        scope = "" if course.scope == "article" else f": {course.scope}"
        titled.setdefault(f"{course.task}{scope}: {course.metric}", []).append(course)
    return titled


def history_csv(courses: Sequence[Course]) -> str:
    """Return a line for each row of each run."""
    return csv_text(
        ["model", "task", "scope", "metric", "run", "made_on", "mean", "low", "high", "n", "failed",
         "comparable", "changes", "signature"],
        (
            [
                course.model, course.task, course.scope, course.metric, moment.run,
                moment.made_on.isoformat(), *_numbers(moment), moment.failed, moment.comparable,
                "; ".join(map(str, moment.changes)), moment.number and moment.number.signature,
            ]
            for course in courses
            for moment in course.moments
        ),
    )  # fmt: skip


def history_json(courses: Sequence[Course]) -> str:
    """Return all facts as JSON text."""
    content = [
        {
            "model": course.model,
            "task": course.task,
            "scope": course.scope,
            "metric": course.metric,
            "declared": course.line.model_dump(exclude={"agreement"}),
            "runs": [
                {
                    "run": moment.run,
                    "made_on": moment.made_on.isoformat(),
                    "number": moment.number.model_dump() if moment.number else None,
                    "failed": moment.failed,
                    "comparable": moment.comparable,
                    "changes": [asdict(change) for change in moment.changes],
                }
                for moment in course.moments
            ],
        }
        for course in courses
    ]
    return json.dumps(content, indent=2)


def _table(title: str, courses: Sequence[Course]) -> Table:
    columns = (Column(title, align="left", names=True), *_COLUMNS)
    rows = [
        TableRow(
            (
                course.model if place == 0 else "",
                f"{moment.made_on:%Y-%m-%d %H:%M}",
                moment.run,
                score_with_interval(course, moment),
                str(moment.number.n) if moment.number else "-",
                str(moment.failed),
                _since(moment, place),
            )
        )
        for course in courses
        for place, moment in enumerate(course.moments)
    ]
    return Table(columns, tuple(rows))


def score_with_interval(course: Course, moment: Moment) -> str:
    """Return a moment's mean and its interval; "-" where it has none."""
    if moment.number is None:
        return "-"
    declaration = course.line.declaration
    text = score_text(moment.number.mean, declaration)
    interval = moment.number.interval
    return f"{text} {interval_text(interval, declaration)}" if interval else text


def _since(moment: Moment, place: int) -> str:
    if place == 0:
        return ""
    told = "; ".join(map(str, moment.changes)) or AS_BEFORE
    return told if moment.comparable else f"{NOT_COMPARABLE}{told}"


def _numbers(moment: Moment) -> list[object]:
    number = moment.number
    if number is None:
        return [None] * 4
    interval = number.interval
    return [number.mean, interval and interval.low, interval and interval.high, number.n]
