"""How large a suite would have to be to show a difference, as seen from a finished run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.leaderboard.judged_metrics import judged_declaration
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import PredictionLine
from harness.leaderboard.run_folder import read_run
from harness.metrics.declaration import Declaration
from harness.plan.repeats import RepeatsGain, repeats_gain
from harness.plan.task_scores import read_task_scores
from harness.records import Task
from harness.stats import Power, TablePower, VarianceComponents
from harness.suite.suite import Suite


@dataclass(frozen=True, slots=True)
class Plan:
    """What one task's suite shows now, and the size at which it would show `difference`.

    Shown is what the rule of the table tells, all `pairs` of `rows` at once, in 80 % of suites
    (`TablePower`): of `models`, those two of the run whose difference has the median standard
    error, and of whose differences by example `spread` is. `minimum_difference` is the least that
    is shown now, `None` if none is. `articles` and `questions` are needed in all, with as many
    questions an article as now, and `power` is how often they show it, with its standard error
    where suites were simulated. Between `articles_low` and `articles_high` are enough for all that
    so few articles as now tell of their spread, at 95 %; `None` is over ten million.
    `questions_per_article` is needed on as many articles as now, `None` if no number is enough.
    `noun` is what an article is called where it is none, and a summary or question its own.
    `references` says of summaries what more references would bring, in words, and `repeats` what
    more repeats would, where a model of the pair was asked several times.
    """

    task: Task
    metric: str
    is_share: bool
    difference: float
    models: tuple[str, str]
    rows: int
    pairs: int
    spread: VarianceComponents
    minimum_difference: float | None
    articles: int
    articles_low: int
    articles_high: int | None
    power: Power
    questions: int
    questions_per_article: int | None
    references: str | None
    repeats: RepeatsGain | None
    noun: str


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
    if metric is not None:
        judged_declaration("--metric", metric, [run])
    for name in [metric] if metric else list(board.primary.values()):
        _refuse_impossible(difference, name, board.metrics[name].declaration)
    return [
        _plan_task(board, suite, run.lines, task, metric or board.primary[task], difference)
        for task in board.primary
        if metric is None or metric in metrics_by_task[task]
    ]


def _refuse_impossible(difference: float, metric: str, declaration: Declaration) -> None:
    """Raise UsageError for a difference that no two means of a metric can have."""
    if not difference < declaration.greatest_difference:
        points = ": 0.05 is five points of the tables" if declaration.is_share else ""
        raise UsageError(
            f"--difference: must be below {declaration.greatest_difference:g} for {metric}, not "
            f"{difference:g}{points}"
        )


def _plan_task(
    board: Leaderboard,
    suite: Suite,
    lines: Sequence[PredictionLine],
    task: Task,
    metric: str,
    difference: float,
) -> Plan:
    declaration = board.metrics[metric].declaration
    noun = board.suite.cluster_noun("article")
    scores = read_task_scores(board, suite, lines, task, metric)
    pair = scores.median_pair()
    if pair is None:
        raise DataError(
            f"{task}: no two rows of the run differ by more on one {noun} than on another, so "
            f"there is nothing to plan from; run other models, or on more {noun}s"
        )
    spread = scores.spread_of(pair)
    table_power = TablePower(spread)
    try:
        articles = table_power.articles_needed(difference)
        low, high = table_power.articles_interval(difference)
    except ValueError as error:
        raise UsageError(f"{task}, {metric}: {error}") from None
    components = spread.components
    least = table_power.minimum_difference(components.clusters)
    return Plan(
        task=task,
        metric=metric,
        is_share=declaration.is_share,
        difference=difference,
        models=(scores.names[pair[0]], scores.names[pair[1]]),
        rows=len(spread.factor),
        pairs=len(spread.pairs),
        spread=components,
        # No two means are further apart than the range of their metric.
        minimum_difference=None
        if least is None or least > declaration.greatest_difference
        else least,
        articles=articles,
        articles_low=low,
        articles_high=high,
        power=table_power.power(articles, difference),
        questions=round(articles * components.per_cluster),
        questions_per_article=None
        if least is None
        else table_power.questions_needed(difference, components.clusters, least),
        references=_references_told(suite) if task == "summarize" else None,
        repeats=repeats_gain(
            [row for row in board.rows if (row.task, row.scope) == (task, "article")], scores, pair
        )
        if metric == board.primary[task]
        else None,
        noun=noun,
    )


def _references_told(suite: Suite) -> str:
    """Return what more references would bring, which no golden tells: all of one are by one hand.

    How much of a difference comes with who wrote the reference could be seen from references of
    several people; a mean over several texts of one person has no variance between people.
    """
    counts = {len(example.references) for example in suite.examples("summarize")}
    if counts == {1}:
        return "cannot be told from one an article"
    number = f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
    return (
        f"cannot be told; a golden names one author for its {number}, and texts by one hand are no "
        "sample of how people write"
    )
