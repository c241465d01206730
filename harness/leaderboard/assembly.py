"""Rows of models to the whole leaderboard: what `harness eval` writes and `verify` rebuilds."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.errors import DataError, UsageError, did_you_mean
from harness.leaderboard.canary_lines import canary_lines
from harness.leaderboard.leaderboard import (
    SCHEMA_VERSION,
    ComparisonLine,
    Leaderboard,
    PowerLine,
    Row,
)
from harness.leaderboard.numbers import CanaryLine, MetricLine
from harness.leaderboard.prediction_lines import RowKey
from harness.leaderboard.ranking.order import best_first
from harness.leaderboard.ranking.ranking import rank_rows
from harness.leaderboard.rows.by_reference import means_by_reference, several_references
from harness.leaderboard.rows.model_rows import oracle_row, people_row
from harness.leaderboard.rows.repeats import repeats_line
from harness.leaderboard.suite_line import OptionsLine, ReferencesLine, SuiteLine
from harness.metrics import PRIMARY, Metrics
from harness.metrics.agreement.figures import AgreementFigure, agreement_figures
from harness.metrics.ceiling import ORACLE, PEOPLE
from harness.metrics.declaration import Declaration
from harness.metrics.options import USUAL, MetricOptions
from harness.metrics.rouge.rouge import TYPES
from harness.models.checkpoint.memory import trim_memory
from harness.records import SCOPES, TASKS, Example, Scope, ScoredPrediction, Task
from harness.run.scoring import suite_metrics, suite_rouge
from harness.suite.selection import Selection
from harness.suite.suite import Suite


def assemble_leaderboard(
    suite: Suite,
    selection: Selection,
    location: str | None,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    families: Mapping[Task, Metrics],
    rows: Sequence[Row],
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
    environment: Mapping[str, object],
    options: MetricOptions = USUAL,
    references: ReferencesLine | None = None,
) -> tuple[Leaderboard, dict[RowKey, Sequence[ScoredPrediction]]]:
    """Return the leaderboard, and the scored predictions of each row that has some.

    `location` is where the suite is, as a run records it (`harness.command.locations`).
    `rows` are the models' and floors', and `scored` theirs and the oracle's, where there are
    articles to copy from; the rows of the oracle and people are added, then intervals, ranks and
    comparisons. `families` are the metrics of each task, and `options` what was chosen of them.
    Raises DataError for a primary metric that there is not. `references` is how they were read
    where no model was asked.
    """
    all_rows = list(rows)
    scored_by_row = dict(scored)
    people_scores: dict[RowKey, Sequence[ScoredPrediction]] = {}  # scores of no predictions
    for (task, scope), task_examples in examples.items():
        if oracle := scored.get((ORACLE, task, scope)):
            family = families[task]
            all_rows.append(oracle_row(oracle, family, environment, options))
            if people := people_row(task_examples, family, environment, options):
                all_rows.append(people[0])
                people_scores[PEOPLE, task, scope] = people[1]
    primary = primary_metrics(suite, {task for task, _ in examples}, options)
    declarations: dict[str, Declaration] = {}
    agreement: dict[str, list[AgreementFigure]] = {}
    for task in dict.fromkeys(task for task, _ in examples):
        family = families[task]
        declarations |= family.declarations
        agreement |= {
            name: agreement_figures(task, signature, options.language or suite.language)
            for name, signature in family.signatures.items()
        }
    all_scores = {**scored_by_row, **people_scores}
    all_rows = _with_reference_means(suite, all_rows, examples, all_scores, primary, options)
    all_rows = [
        row.model_copy(
            update={
                "repeats": repeats_line(
                    all_scores.get((row.model, row.task, row.scope), ()), primary[row.task]
                )
            }
        )
        for row in all_rows
    ]
    trim_memory()  # what scoring took: the bootstrap takes most
    ranking = rank_rows(all_rows, all_scores, declarations, primary, suite.cluster_noun)
    canaries = _canaries(examples, families)
    board = sorted_leaderboard(
        SuiteLine.of(suite, selection, location, examples, references),
        environment,
        ranking.rows,
        declarations,
        ranking.comparisons,
        ranking.power,
        primary,
        options,
        agreement,
    )
    update = {"canaries": canaries, "disagreements": ranking.disagreements}
    return board.model_copy(update=update), scored_by_row


def _canaries(
    examples: Mapping[tuple[Task, Scope], Sequence[Example]], families: Mapping[Task, Metrics]
) -> dict[str, dict[str, CanaryLine]]:
    """Return what the metrics of summaries see of the suite's own references, made worse."""
    summarized = [
        task_examples for (task, _), task_examples in examples.items() if task == "summarize"
    ]
    if not summarized:
        return {}
    return canary_lines(itertools.chain.from_iterable(summarized), families["summarize"])


def _with_reference_means(
    suite: Suite,
    rows: Sequence[Row],
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
    primary: Mapping[Task, str],
    options: MetricOptions,
) -> list[Row]:
    """Return the rows, those of summaries with their means by each reference alone."""
    metric = primary["summarize"]
    if metric not in TYPES or not any(row.task == "summarize" for row in rows):
        return list(rows)
    overlap = suite_rouge(suite, options, "best", (metric,))
    references = {
        (task, scope): several_references(task_examples) if task == "summarize" else 0
        for (task, scope), task_examples in examples.items()
    }
    means = [
        means_by_reference(
            row.role,
            scored.get((row.model, row.task, row.scope), ()),
            overlap,
            references[row.task, row.scope],
        )
        for row in rows
    ]
    return [
        row.model_copy(update={"by_reference": row_means})
        for row, row_means in zip(rows, means, strict=True)
    ]


def sorted_leaderboard(
    suite: SuiteLine,
    environment: Mapping[str, object],
    rows: Iterable[Row],
    declarations: Mapping[str, Declaration],
    comparisons: Iterable[ComparisonLine] = (),
    power: Iterable[PowerLine] = (),
    primary: Mapping[Task, str] = PRIMARY,
    options: MetricOptions = USUAL,
    agreement: Mapping[str, Sequence[AgreementFigure]] | None = None,
) -> Leaderboard:
    """Return the leaderboard of what was run, its rows sorted."""
    figures = agreement or {}

    def sort_key(row: Row) -> tuple[int, int, tuple[float, str]]:
        metric = primary[row.task]
        order = best_first(metric, declarations[metric])
        return (TASKS.index(row.task), SCOPES.index(row.scope), order(row))

    sorted_rows = sorted(rows, key=sort_key)
    return Leaderboard(
        schema_version=SCHEMA_VERSION,
        suite=suite,
        primary={
            task: primary[task] for task in TASKS if any(row.task == task for row in sorted_rows)
        },
        metrics={
            name: MetricLine.of(declarations[name], figures.get(name, ())) for name in declarations
        },
        metric_options=OptionsLine.model_validate(options.chosen) if options.chosen else None,
        environment=dict(environment),
        rows=sorted_rows,
        comparisons=list(comparisons),
        power=list(power),
    )


def primary_metrics(
    suite: Suite, tasks: Collection[Task], options: MetricOptions = USUAL
) -> Mapping[Task, str]:
    """Return the suite's primary metrics by task; raise DataError for one that does not rank.

    Of those that were chosen instead, UsageError. Those of `tasks` alone, which are run, are looked
    at: which metrics there are depends on the options.
    """
    for task, name in suite.primary.items():
        if task in tasks and (wrong := _no_primary(suite, task, name, options)):
            raise DataError(f"the manifest's primary.{task}: {wrong}")
    for task, name in suite.chosen_primary.items():
        if task not in tasks:
            raise UsageError(f"--primary {task}={name}: no {task} is run here; leave it out")
        if wrong := _no_primary(suite, task, name, options):
            raise UsageError(f"--primary {task}={name}: {wrong}")
    return {**PRIMARY, **suite.primary, **suite.chosen_primary}


def _no_primary(suite: Suite, task: Task, name: str, options: MetricOptions) -> str | None:
    """Return that a metric cannot be a task's primary one, and which can; `None` if it can."""
    declarations = suite_metrics(suite, task, options).declarations
    ranked = [other for other in declarations if declarations[other].role == "ranked"]
    if name in ranked:
        return None
    if name in declarations:
        role = declarations[name].role
        return f"{name} does not rank, as its role is {role!r}; use {', '.join(ranked)}"
    return f"there is no metric {name!r} that ranks{did_you_mean(name, ranked)}"
