"""How large a suite would have to be to show a difference, as seen from a finished run."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError, UsageError, did_you_mean
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import PredictionLine
from harness.leaderboard.run_folder import read_run
from harness.records import Task
from harness.stats import (
    NO_SPREAD,
    SIGNIFICANCE_LEVEL,
    VarianceComponents,
    articles_needed,
    cluster_sums,
    minimum_detectable_difference,
    questions_needed,
    smallest_p,
    variance_components,
)
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
    spread: VarianceComponents
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
    run = read_run(out)
    board, suite = run.board, run.suite(suite_name)
    if board.suite.hash != suite.hash:
        raise DataError(
            f"{out}: a run on another suite, {board.suite.id}; name its folder with --suite, or "
            "run `harness eval` again"
        )
    metrics_by_task = {row.task: list(row.metrics) for row in board.rows}
    if metric is not None and not any(metric in names for names in metrics_by_task.values()):
        all_metrics = [name for names in metrics_by_task.values() for name in names]
        raise UsageError(f"no metric {metric!r} in {out}{did_you_mean(metric, all_metrics)}")
    return [
        _plan_task(board, suite, run.lines, task, metric or board.primary[task], difference)
        for task in board.primary
        if metric is None or metric in metrics_by_task[task]
    ]


def plan_text(task_plan: Plan) -> str:
    """Return a plan as a person reads it, in points of the tables."""
    spread = task_plan.spread
    is_answer = task_plan.task == "answer"
    per_article = f"{spread.per_cluster:.1f} questions" if is_answer else "one summary"
    detectable = (
        f"{100 * task_plan.minimum_difference:.1f} points"
        if task_plan.minimum_difference <= 1
        else "none"
    )
    lines = [
        f"{task_plan.task}, {task_plan.metric}: to show a difference of "
        f"{100 * task_plan.difference:g} points",
        f"  now      {spread.clusters} articles with {per_article} each show {detectable}",
        f"  needed   {task_plan.articles:,} articles like these"
        + (f", with {task_plan.questions:,} questions in all" if is_answer else ""),
        *([f"  or       {_more_questions_text(task_plan)}"] if is_answer else []),
        f"  because  {task_plan.models[0]} and {task_plan.models[1]}, the middle one of all pairs, "
        "differ by example",
        f"           with a standard deviation of {100 * spread.sd:.1f} points"
        + (
            f", {100 * spread.correlation:.0f} % of the variance between articles"
            if is_answer
            else ""
        ),
    ]
    if spread.clusters < FEW_ARTICLES:
        lines.append(f"  caution  seen from {spread.clusters} articles this is a rough guess")
    return "\n".join(lines)


def plans_json(plans: Sequence[Plan]) -> str:
    """Return plans as JSON text, with the names of their fields."""
    return json.dumps([asdict(task_plan) for task_plan in plans], indent=2, allow_nan=False)


def _more_questions_text(task_plan: Plan) -> str:
    articles = task_plan.spread.clusters
    if task_plan.questions_per_article is not None:
        return f"{articles} articles with {task_plan.questions_per_article:,} questions each"
    if smallest_p(articles) > SIGNIFICANCE_LEVEL:
        return f"no number of questions: {articles} articles show nothing by an exact test"
    return f"no number of questions: {articles} articles differ too much"


def _plan_task(
    board: Leaderboard,
    suite: Suite,
    lines: Sequence[PredictionLine],
    task: Task,
    metric: str,
    difference: float,
) -> Plan:
    article_by_example = {
        example.id: sys.intern(example.cluster) for example in suite.examples(task)
    }
    scores: dict[str, dict[str, float]] = {}
    try:
        for line in lines:
            if line.task == task and line.example in article_by_example and line.scores:
                scores.setdefault(line.model, {})[line.example] = line.scores[metric]
    except KeyError:
        raise DataError(
            "predictions.jsonl: not of the leaderboard beside it; run `harness eval` again"
        ) from None
    roles = {row.model: row.role for row in board.rows if row.task == task}
    models = {
        name: model_scores for name, model_scores in scores.items() if roles.get(name) == "model"
    }
    floors = {
        name: model_scores for name, model_scores in scores.items() if roles.get(name) == "floor"
    }
    pair = _median_pair(models, article_by_example) or _median_pair(
        models | floors, article_by_example
    )
    if pair is None:
        raise DataError(
            f"{task}: no two rows of the run differ by more on one article than on another, so "
            "there is nothing to plan from; run other models, or on more articles"
        )
    components = variance_components(pair.differences, pair.articles)
    try:
        articles = articles_needed(
            difference,
            components.sd,
            components.correlation,
            components.per_cluster,
        )
    except ValueError as error:
        raise UsageError(f"{task}, {metric}: {error}") from None
    return Plan(
        task=task,
        metric=metric,
        difference=difference,
        models=pair.models,
        spread=components,
        minimum_difference=minimum_detectable_difference(pair.error, components.clusters - 1),
        articles=articles,
        questions=round(articles * components.per_cluster),
        questions_per_article=questions_needed(
            difference,
            components.sd,
            components.correlation,
            components.clusters,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two rows, how they differ by example, the examples' articles, and the standard error."""

    models: tuple[str, str]
    differences: NDArray[np.float64]
    articles: list[str]
    error: float


def _median_pair(
    scores: Mapping[str, Mapping[str, float]], article_by_example: Mapping[str, str]
) -> _Pair | None:
    """Return the pair of rows, on the same examples, whose difference has the median error."""
    pairs = []
    for a, b in combinations(sorted(scores), 2):
        if scores[a].keys() != scores[b].keys():
            continue
        differences = np.array([scores[a][example] - scores[b][example] for example in scores[a]])
        articles = [article_by_example[example] for example in scores[a]]
        error = float(cluster_sums(differences, articles).standard_errors()[0])
        if error > NO_SPREAD:  # not NaN, as of a single article, and not rows alike
            pairs.append(_Pair((a, b), differences, articles, error))
    pairs.sort(key=lambda pair: pair.error)
    return pairs[(len(pairs) - 1) // 2] if pairs else None
