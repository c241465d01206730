"""The main job from end to end: a suite, a roster and a folder in, a leaderboard out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harness.command.data_choice import NOTHING_CHOSEN, DataChoice
from harness.command.locations import recorded_location
from harness.environment import environment, thread_count
from harness.errors import CostLimitError, UsageError
from harness.eval.engine_choice import EngineChoice, opened_engine
from harness.eval.jobs import ALL_EXAMPLES, Jobs, choose_jobs
from harness.eval.judging import Judging, judge_summaries, judged_family
from harness.eval.predicting import predicted_rows, scope_suffix
from harness.files import write_atomically, write_lines
from harness.judging.weights import QuestionWeights
from harness.leaderboard.assembly import assemble_leaderboard, primary_metrics
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.prediction_lines import RowKey, prediction_lines
from harness.leaderboard.rows.model_rows import model_row
from harness.leaderboard.run_folder import JUDGMENTS, PREDICTIONS, refuse_other_run
from harness.metrics import Metrics
from harness.metrics.blind_spot import UNSPACED, LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.ceiling import oracle_texts
from harness.metrics.options import USUAL, MetricOptions
from harness.models.model import CostLimit
from harness.models.roster.contamination import contaminating_data_sets
from harness.models.roster.encoders import with_encoder
from harness.models.roster.roster import note_network
from harness.progress import note, warn
from harness.records import TASKS, ScoredPrediction, Task
from harness.run.repeats import times_asked
from harness.run.scoring import as_published, score, suite_metrics, unseen_letters
from harness.run.store import Store
from harness.suite.selection import Selection


@dataclass(frozen=True)
class Evaluation:
    """A finished run: the leaderboard, its file, and a line for each row that has failures."""

    leaderboard: Leaderboard
    path: Path
    failures: list[str]


def evaluate(
    suite_name: str | Path | None = None,
    rosters: Sequence[str | Path] | None = None,
    models: Sequence[str] | None = None,
    tasks: Sequence[Task] = TASKS,
    selection: Selection = ALL_EXAMPLES,
    out: Path = Path("results"),
    prompts: Sequence[str] | None = None,
    prompt_folder: Path | None = None,
    allow_trained_on: bool = False,
    floors: bool = True,
    max_cost: float | None = None,
    overwrite: bool = False,
    options: MetricOptions = USUAL,
    repeats: int = 1,
    primary: Mapping[Task, str] | None = None,
    reader: str | None = None,
    question_weights: QuestionWeights | None = None,
    data_choice: DataChoice = NOTHING_CHOSEN,
    engine: EngineChoice | None = None,
) -> Evaluation:
    """Run the models on the suite and write `leaderboard.json` and `predictions.jsonl`.

    With a reader, which is asked about the summaries when all are made, `judgments.jsonl` too.

    The rest of the arguments are those of `choose_jobs`. What `out` has already is not predicted
    again. Everything that can be wrong with the input is found before the first model runs, and
    raised as a HarnessError. With `max_cost`, in the currency of the roster's prices, no request is
    made that might pass it: CostLimitError is raised, what was predicted is kept, and nothing is
    made of a part of the predictions. A run of another suite in `out` is refused without
    `overwrite`; predictions that are stored there stay in any case. `options` are of the metrics;
    their language and further metrics are the suite's where none are chosen. With `repeats`,
    models that may answer otherwise each time are asked so many times. `question_weights` says how
    questions weigh in what the reader says: alike, or by how many references tell the answer.
    Predictions are made in this process, or where `engine` says; WorkersError is raised if nobody
    is left there to make them.
    """
    jobs = choose_jobs(
        suite_name,
        rosters,
        models,
        tasks,
        selection,
        prompts,
        prompt_folder,
        allow_trained_on,
        floors,
        primary,
        reader,
        data_choice,
    )
    if question_weights is not None and jobs.reader.entry is None:
        raise UsageError("--question-weights: no reader is asked about summaries; leave it out")
    suite, entries, examples = jobs.suite, jobs.entries, jobs.examples
    if not overwrite:
        refuse_other_run(
            out, suite.id, "eval", "choose another folder with --out, or --overwrite to replace it"
        )
    cost_limit = CostLimit(math.inf if max_cost is None else max_cost)
    asked = {entry.name: entry for entry in (*entries, jobs.reader.entry) if entry}
    if max_cost is not None:
        for entry in asked.values():
            entry.model.limit_cost(cost_limit)
    options, families = choose_metrics(jobs, options, rosters)
    note_asked_once(jobs, repeats)
    note_network(list(asked.values()))
    run_environment = environment(thread_count())
    path = out / "leaderboard.json"
    with (
        opened_engine(engine, [*asked.values()]) as carrier,
        Store(out / "predictions.sqlite") as store,
    ):
        oracles = oracle_texts(examples, options)
        try:
            predictions = predicted_rows(jobs, store, run_environment, repeats, carrier)
            judging = judge_summaries(
                jobs,
                options,
                predictions,
                oracles,
                store,
                run_environment,
                question_weights,
                carrier,
            )
        except CostLimitError as error:
            raise CostLimitError(_stopped_text(cost_limit, error)) from None
        if isinstance(judging, Judging):
            families["summarize"] = judged_family(jobs, options, judging)
        rows: list[Row] = []
        scored: dict[RowKey, Sequence[ScoredPrediction]] = {}
        for entry in entries:
            for task, scope, _ in jobs.of(entry):
                name = (entry.name, task, scope)
                scored[name] = score(predictions[name], families[task])
                row = model_row(entry, scored[name], families[task], suite.rules)
                rows.append(
                    row.model_copy(update={"trained_on": contaminating_data_sets(entry, suite)})
                )
        board, scored_by_row = assemble_leaderboard(
            suite,
            selection,
            recorded_location(suite_name, out),
            examples,
            families,
            rows,
            scored,
            run_environment,
            options,
            oracles=oracles,
        )
        predictions_sha256 = write_lines(out / PREDICTIONS, prediction_lines(board, scored_by_row))
        board = board.model_copy(update={"predictions_sha256": predictions_sha256})
        board = _with_judges(board, judging, out / JUDGMENTS, scored_by_row).sealed()
        write_atomically(path, board.to_json())
        failures = [
            _failure_text(row, scored[row.model, row.task, row.scope])
            for row in board.rows
            if row.counts.error or (row.repeats and row.repeats.failed)
        ]
        if isinstance(judging, Judging) and judging.failure:
            failures.append(judging.failure)
    return Evaluation(board, path, failures)


def _with_judges(
    board: Leaderboard,
    judging: Judging | str | None,
    path: Path,
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
) -> Leaderboard:
    """Return the board with its reader, whose judgments are written; without one there are none."""
    if isinstance(judging, Judging):
        judgments_sha256 = judging.write(path, board, scored)
        update = {"judges": [judging.line], "judgments_sha256": judgments_sha256}
        return board.model_copy(update=update)
    path.unlink(missing_ok=True)  # of an earlier run with a reader
    return board.model_copy(update={"no_judge": judging})


def choose_metrics(
    jobs: Jobs,
    options: MetricOptions = USUAL,
    rosters: Sequence[str | Path] | None = None,
) -> tuple[MetricOptions, dict[Task, Metrics]]:
    """Return the options with what the suite says, and the metrics of each task that is run.

    Warns of letters of the goldens that the metrics do not see, and raises DataError where they are
    too many; so too for a primary metric that there is not, UsageError for options of another task,
    MetricError for a broken metric, and what `with_encoder` raises. `rosters` may have BERTScore's
    encoder.
    """
    suite, examples = jobs.suite, jobs.examples
    tasks = {
        task: [scope_examples for (name, _), scope_examples in examples.items() if name == task]
        for task, _ in examples
    }
    for task, flags in options.of_no_task(tasks).items():
        what = "summaries" if task == "summarize" else "answers"
        raise UsageError(
            f"no {what} are scored, and {', '.join(flags)} is of {what} alone; leave it out"
        )
    for task, name in suite.chosen_primary.items():
        if task not in tasks:
            raise UsageError(f"--primary {task}={name}: no {task} is run here; leave it out")
    options = options.in_language(suite.language)
    if "summarize" in tasks:
        options = with_encoder(options.with_further(suite.further, suite.encoder), rosters)
        options = as_published(suite, options)
    primary_metrics(suite, tasks, options)  # a metric that there is not is raised here
    families = {task: suite_metrics(suite, task, options) for task in tasks}
    for warning in suite.warnings:
        warn(warning)
    _warn_of_whole_articles(jobs)
    for task, family in families.items():
        check_canaries(task, family)
        if told := unseen_letters(suite, chain.from_iterable(tasks[task]), family):
            warn(told)
    return options, families


def _warn_of_whole_articles(jobs: Jobs) -> None:
    """Say which models answer with whole words where words have no spaces between them."""
    growing = [
        entry.name
        for entry in jobs.entries
        if "answer" in entry.tasks and getattr(entry.model, "align_to_words", False)
    ]
    letters = LetterTally(UNSPACED)
    for (task, _), found in jobs.examples.items():
        for example in found if growing and task == "answer" else ():
            letters.add(example.references)
    for name in growing if letters.refusal else ():
        warn(
            f"{name}: its answers grow to whole words, and in a script without spaces a word may "
            "be the whole article; unless its tokenizer parts characters, set align_to_words = "
            "false"
        )


def note_asked_once(jobs: Jobs, repeats: int) -> None:
    """Say which models are asked once all the same, since they always say the same."""
    names = [
        entry.name
        for entry in jobs.entries
        if entry.model.role == "model" and times_asked(entry.model, repeats) < repeats
    ]
    if names:
        note(f"--repeats {repeats}: {', '.join(names)} say the same each time, and are asked once")
    elif repeats > 1 and not any(entry.model.varies for entry in jobs.entries):
        note(f"--repeats {repeats}: floors say the same each time, and are asked once")


def _failure_text(row: Row, scored: Sequence[ScoredPrediction]) -> str:
    example, first_failed = next(
        (item.example.id, part.prediction)
        for item in scored
        for part in item.parts
        if part.prediction.error
    )
    name = f"{row.model} {row.task}{scope_suffix(row.scope)}"
    counts = row.counts
    failed, made = counts.error, counts.expected
    if row.repeats:
        failed, made = row.repeats.failed, made * row.repeats.count
    return (
        f"{name}: {failed} of {made} predictions failed and are in no mean; "
        f"{example}: {first_failed.error}; run again to try them again"
    )


def _stopped_text(cost_limit: CostLimit, error: CostLimitError) -> str:
    limit, left = cost_limit.limit, cost_limit.limit - cost_limit.spent
    return (
        f"stopped before --max-cost {limit:g} could be passed: {error} predictions; {left:.4g} is "
        "left; all that was predicted is kept, and no leaderboard is made of a part: run again "
        "with more to go on"
    )
