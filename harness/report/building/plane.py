"""What summaries tell against whether their articles bear it out, with how long they are."""

from collections.abc import Sequence
from statistics import fmean

from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.printing.listed_names import listed
from harness.metrics.length import WORDS
from harness.report.building.numbers import interval
from harness.report.content.plots import Plane, PlanePoint, Whole
from harness.report.task_group import TaskGroup
from harness.text import word_count
from harness.visible import visible_text

COVERAGE, SUPPORT, ABOVE_LEAD = "coverage", "support", "above_lead"
MAX_NAMED = 6


def coverage_plane(group: TaskGroup, judges: Sequence[JudgeLine]) -> Plane | None:
    """Return the plane of a group's rows; `None` where none has a coverage."""
    complete = {row.model: point for row in group.rows if (point := _point(row))}
    if not complete:
        return None
    return Plane(
        points=tuple(complete.values()),
        whole=_whole(group, judges),
        left_out=tuple(visible_text(r.model) for r in group.rows if r.model not in complete),
        claim=_claim(group),
    )


def _point(row: Row) -> PlanePoint | None:
    """Return a row's point; `None` where it lacks a number."""
    numbers = [row.metrics.get(name) for name in (COVERAGE, SUPPORT, WORDS)]
    means = [number.mean for number in numbers if number and number.mean is not None]
    if len(means) < len(numbers):
        return None
    coverage, support, words = means
    return PlanePoint(
        model=visible_text(row.model),
        role=row.role,
        coverage=coverage,
        coverage_interval=interval(row.metrics[COVERAGE].interval),
        support=support,
        support_interval=interval(row.metrics[SUPPORT].interval),
        words=words,
    )


def _whole(group: TaskGroup, judges: Sequence[JudgeLine]) -> Whole | None:
    """Return what the reader makes of the whole articles, which bear themselves out in full."""
    for judge in judges:
        known = judge.on_article.get(group.scope)
        if known is not None and known.coverage is not None:
            words = fmean(word_count(example.article.text) for example in group.examples)
            return Whole(coverage=known.coverage, words=words)
    return None


def _claim(group: TaskGroup) -> str:
    """Return which rows cover more than the article's first words, as far as intervals say."""
    numbers = {
        visible_text(row.model): number
        for row in group.rows
        if (number := row.metrics.get(ABOVE_LEAD)) and number.mean is not None
    }
    known = {name: number.interval for name, number in numbers.items() if number.interval}
    if not known:
        return f"above_lead has no interval here, so of other {group.scope}s nothing is claimed."
    more = [name for name, ends in known.items() if ends.low > 0]
    less = [name for name, ends in known.items() if ends.high < 0]
    told = [
        f"{listed(names, MAX_NAMED)} cover{'s' if len(names) == 1 else ''} {how}"
        for names, how in ((more, "more"), (less, "less"))
        if names
    ]
    told.append(f"of {'the others' if told else 'any row'} neither more nor less is shown")
    return (
        "Held against the article's first words, as many as the summary has, by above_lead and "
        f"each row's own interval: {'; '.join(told)}."
    )
