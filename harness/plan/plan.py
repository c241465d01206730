"""How large a suite would have to be to show a difference, as seen from a finished run."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from harness.errors import DataError, UsageError, nearest
from harness.files import read_text, validate
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import Line, read_lines
from harness.records import Task
from harness.stats import (
    LEVEL,
    NO_SPREAD,
    Spread,
    articles_needed,
    clustered,
    detectable,
    questions_needed,
    smallest_p,
    spread,
)
from harness.suite.opening import open_suite
from harness.suite.suite import Suite

FEW_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What one task's suite shows now, and the size at which it would show `difference`.

    Found with 80 % power by one comparison at the 5 % level, two-sided, on the differences of
    `models`: those two of the run whose difference has the median standard error. `articles`
    and `questions` are needed in all, with as many questions an article as now;
    `questions_per_article` on as many articles as now, `None` if no number is enough.
    """

    task: Task
    metric: str
    difference: float
    models: tuple[str, str]
    spread: Spread
    minimum_difference: float
    articles: int
    questions: int
    questions_per_article: int | None


def plan(
    out: Path, difference: float, suite_name: str | Path | None = None, metric: str | None = None
) -> list[Plan]:
    """Return a plan for each task of the run in `out` that has the metric, or its primary one.

    Only single articles count, no events. Raises DataError if the run is missing, is not of this
    suite, or has no two rows that differ on two articles; UsageError for an unknown metric, and
    a difference that no suite could show.
    """
    board = _board(out)
    suite = open_suite(suite_name)
    if board.suite.hash != suite.hash:
        raise DataError(
            f"{out}: a run on another suite, {board.suite.id}; name its folder with --suite, or "
            "run `harness eval` again"
        )
    known = {row.task: list(row.metrics) for row in board.rows}
    if metric is not None and not any(metric in names for names in known.values()):
        every = [name for names in known.values() for name in names]
        raise UsageError(f"no metric {metric!r} in {out}{nearest(metric, every)}")
    lines = read_lines(out / "predictions.jsonl")
    return [
        _plan(board, suite, lines, task, metric or board.primary[task], difference)
        for task in board.primary
        if metric is None or metric in known[task]
    ]


def in_words(one: Plan) -> str:
    """Return a plan as a person reads it, in points of the tables."""
    now = one.spread
    asked = one.task == "answer"
    many = f"{now.per_cluster:.1f} questions" if asked else "one summary"
    least = f"{100 * one.minimum_difference:.1f} points" if one.minimum_difference <= 1 else "none"
    lines = [
        f"{one.task}, {one.metric}: to show a difference of {100 * one.difference:g} points",
        f"  now      {now.clusters} articles with {many} each show {least}",
        f"  needed   {one.articles:,} articles like these"
        + (f", with {one.questions:,} questions in all" if asked else ""),
        *([f"  or       {_or(one)}"] if asked else []),
        f"  because  {one.models[0]} and {one.models[1]}, the middle one of all pairs, differ by "
        "example",
        f"           with a standard deviation of {100 * now.sd:.1f} points"
        + (f", {100 * now.correlation:.0f} % of the variance between articles" if asked else ""),
    ]
    if now.clusters < FEW_ARTICLES:
        lines.append(f"  caution  seen from {now.clusters} articles this is a rough guess")
    return "\n".join(lines)


def as_json(plans: Sequence[Plan]) -> str:
    """Return plans as JSON text, with the names of their fields."""
    return json.dumps([asdict(one) for one in plans], indent=2, allow_nan=False)


def _or(one: Plan) -> str:
    now = one.spread.clusters
    if one.questions_per_article is not None:
        return f"{now} articles with {one.questions_per_article:,} questions each"
    if smallest_p(now) > LEVEL:
        return f"no number of questions: {now} articles show nothing by an exact test"
    return f"no number of questions: {now} articles differ too much"


def _board(out: Path) -> Leaderboard:
    path = out / "leaderboard.json"
    if not path.is_file():
        raise DataError(f"{out}: no leaderboard.json here; run `harness eval --out {out}` first")
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{error.lineno}: not valid JSON: {error.msg}") from None
    return validate(TypeAdapter(Leaderboard), content, path)


def _plan(
    board: Leaderboard,
    suite: Suite,
    lines: Sequence[Line],
    task: Task,
    metric: str,
    difference: float,
) -> Plan:
    article = {one.id: sys.intern(one.cluster) for one in suite.examples(task)}
    scores: dict[str, dict[str, float]] = {}
    try:
        for line in lines:
            if line.task == task and line.example in article and line.scores:
                scores.setdefault(line.model, {})[line.example] = line.scores[metric]
    except KeyError:
        raise DataError(
            "predictions.jsonl: not of the leaderboard beside it; run `harness eval` again"
        ) from None
    roles = {row.model: row.role for row in board.rows if row.task == task}
    models = {name: kept for name, kept in scores.items() if roles.get(name) == "model"}
    floors = {name: kept for name, kept in scores.items() if roles.get(name) == "floor"}
    pair = _middle(models, article) or _middle(models | floors, article)
    if pair is None:
        raise DataError(
            f"{task}: no two rows of the run differ by more on one article than on another, so "
            "there is nothing to plan from; run other models, or on more articles"
        )
    found = spread(pair.gaps, pair.articles)
    try:
        needed = articles_needed(difference, found.sd, found.correlation, found.per_cluster)
    except ValueError as problem:
        raise UsageError(f"{task}, {metric}: {problem}") from None
    return Plan(
        task=task,
        metric=metric,
        difference=difference,
        models=pair.models,
        spread=found,
        minimum_difference=detectable(pair.error, found.clusters - 1),
        articles=needed,
        questions=round(needed * found.per_cluster),
        questions_per_article=questions_needed(
            difference, found.sd, found.correlation, found.clusters
        ),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two rows, how they differ by example, the examples' articles, and the standard error."""

    models: tuple[str, str]
    gaps: NDArray[np.float64]
    articles: list[str]
    error: float


def _middle(scores: Mapping[str, Mapping[str, float]], article: Mapping[str, str]) -> _Pair | None:
    """Return the pair of rows, on the same examples, whose difference has the median error."""
    pairs = []
    for a, b in combinations(sorted(scores), 2):
        if scores[a].keys() != scores[b].keys():
            continue
        gaps = np.array([scores[a][name] - scores[b][name] for name in scores[a]])
        articles = [article[name] for name in scores[a]]
        error = float(clustered(gaps, articles).standard_errors()[0])
        if error > NO_SPREAD:  # not NaN, as of a single article, and not rows alike
            pairs.append(_Pair((a, b), gaps, articles, error))
    pairs.sort(key=lambda pair: pair.error)
    return pairs[(len(pairs) - 1) // 2] if pairs else None
