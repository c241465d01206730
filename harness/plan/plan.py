"""How large a suite would have to be to show a difference, as seen from a finished run."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    VarianceComponents,
    articles_needed,
    cluster_sums,
    minimum_detectable_difference,
    questions_needed,
    variance_components,
)
from harness.suite.suite import Suite


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
        minimum_difference=minimum_detectable_difference(pair.error, pair.freedom),
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
    """Two rows, how they differ by example, and their articles.

    `error` is the standard error of the difference, with `freedom` degrees of freedom.
    """

    models: tuple[str, str]
    differences: NDArray[np.float64]
    articles: list[str]
    error: float
    freedom: float


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
        data = cluster_sums(differences, articles)
        error = float(data.standard_errors()[0])
        if error > NO_SPREAD:  # not NaN, as of a single article, and not rows alike
            pairs.append(_Pair((a, b), differences, articles, error, data.freedom))
    pairs.sort(key=lambda pair: pair.error)
    return pairs[(len(pairs) - 1) // 2] if pairs else None
