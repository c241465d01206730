"""`harness eval`: its options, and what it prints."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.command.data_choice import add_data_options, chosen_data
from harness.command.options import (
    add_metric_options,
    add_own_metric_option,
    add_primary_option,
    add_roster_option,
    add_suite_option,
    name,
    names,
    path,
)
from harness.errors import UsageError
from harness.eval.engine.options import (
    add_engine_options,
    amount,
    chosen_engine,
    whole_number,
)
from harness.records import TASKS
from harness.run.shard import Shard
from harness.tables.formats import add_format_options
from harness.tracking.options import add_tracker_options, chosen_tracker

DESCRIPTION = (
    "Run models on a suite and write a leaderboard. It may be stopped at any moment: run it again "
    "and it goes on where it was."
)
USAGE = "[--suite SUITE] [--models A,B] [--out DIR] [options]"
EXAMPLES = (
    "harness eval --suite demo --models lead-3,no-answer",
    "harness eval --suite data:articles.csv --column article=text --column reference=summary",
    "harness eval --roster models.toml --models 'my-*' --out results-mine",
)
# Draws the report of a finished run; None where it could not be.
DrawReport = Callable[[Path], Path | None]


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness eval`, in groups by what they are about."""
    _add_suite_options(command)
    _add_model_options(command.add_argument_group("models"))
    _add_result_options(command.add_argument_group("results"))
    add_metric_options(command, language="the suite's, else English", references="jackknife")
    judges = command.add_argument_group("judges")
    judges.add_argument(
        "--reader",
        type=name,
        metavar="NAME",
        help="the model of the roster that answers the golden questions from each summary, for "
        "the measure coverage, or none (default: the one that the suite's manifest names)",
    )
    judges.add_argument(
        "--judges",
        type=names,
        metavar="A,B",
        help="the judges of the roster, [judges.NAME], that are asked about each summary, or none "
        "(default: none)",
    )
    judges.add_argument(
        "--question-weights",
        choices=("references",),
        help="in what the reader covers, count a question the more the more references of its "
        "article tell the answer (default: all count alike)",
    )
    machines = command.add_argument_group("other machines")
    machines.add_argument(
        "--shard",
        type=_shard,
        metavar="N/COUNT",
        help="predict only the articles (or titles, clusters, events) whose hash falls to the "
        "N-th of so many shares, each with all of its examples, and score nothing: `harness merge` "
        "makes one run of all",
    )
    add_engine_options(machines)
    add_tracker_options(machines)


def _add_suite_options(command: argparse.ArgumentParser) -> None:
    suite = command.add_argument_group("what is asked")
    add_suite_option(suite)
    suite.add_argument(
        "--tasks",
        type=_tasks,
        metavar="A,B",
        default=list(TASKS),
        help=f"only these tasks, of {' and '.join(TASKS)} (default: both)",
    )
    suite.add_argument(
        "--examples",
        type=name,
        metavar="ID",
        nargs="+",
        action="extend",
        default=[],
        help="only these examples: ARTICLE for its summary, ARTICLE/QUESTION, or a pattern, "
        "'*/who-*'",
    )
    suite.add_argument(
        "-k",
        type=name,
        metavar="TEXT",
        dest="text",
        help="only examples that have TEXT in their id or question, whatever its case",
    )
    suite.add_argument(
        "--limit", type=whole_number, metavar="N", help="only the first N examples of each task"
    )
    suite.add_argument(
        "--sample",
        type=whole_number,
        metavar="N",
        help="only articles drawn at random, each with all of its examples, until they have at "
        "least N examples of each task",
    )
    suite.add_argument(
        "--sample-seed",
        type=_integer,
        metavar="S",
        help="another whole number draws other articles (default: 0)",
    )
    add_data_options(command)


def _add_model_options(models: "argparse._ArgumentGroup") -> None:
    add_roster_option(models)
    models.add_argument(
        "--models",
        type=names,
        metavar="A,B",
        help="only these models of the roster; a name may be a pattern, 'lead*'",
    )
    models.add_argument(
        "--no-floors", dest="floors", action="store_false", help="run no floor beside the models"
    )
    models.add_argument(
        "--prompts",
        type=names,
        metavar="A,B",
        help="run each prompted model under each of these prompts; the rows are called "
        '"model [prompt]" (default: the prompt that the roster names)',
    )
    models.add_argument(
        "--repeats",
        type=whole_number,
        metavar="K",
        default=1,
        help="ask models that may answer otherwise each time K times, and score the means "
        "(default: once)",
    )
    models.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be predicted, and with how many calls and tokens and at what cost; "
        "run and write nothing",
    )
    models.add_argument(
        "--max-cost",
        type=amount,
        metavar="X",
        help="stop before the run costs more, by the roster's prices; what is stored costs nothing",
    )
    models.add_argument(
        "--allow-trained-on",
        action="store_true",
        help="score models on what their `trained_on` names too, and mark their rows",
    )


def _add_result_options(results: "argparse._ArgumentGroup") -> None:
    results.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        help="where the predictions are kept and the leaderboard is written (default: the "
        "settings' out, else results); predictions that are there already are not made again",
    )
    results.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a run of another suite that is in --out",
    )
    add_format_options(results)
    add_primary_option(results)
    add_own_metric_option(results)


def run(options: argparse.Namespace, draw_report: DrawReport) -> int:
    """Run the models, print the leaderboard, and return the exit code."""
    from harness.errors import CostLimitError, WorkersError
    from harness.eval.dry_run import dry_run
    from harness.eval.dry_run_text import dry_run_csv, dry_run_json, dry_run_parts
    from harness.eval.evaluate import evaluate
    from harness.eval.jobs import choose_jobs
    from harness.eval.metric_choice import choose_metrics
    from harness.eval.preparation import note_asked_once
    from harness.eval.printing import evaluation_text, exit_code, shard_text
    from harness.eval.shards.shard_run import predict_shard
    from harness.metrics.options import chosen_by_flags
    from harness.progress import warn
    from harness.suite.selection import Selection
    from harness.tables.formats import Result, result_text
    from harness.tracking.finished import tell_tracker

    tracker = chosen_tracker(options)
    engine = chosen_engine(options)
    if options.sample_seed is not None and options.sample is None:
        raise UsageError("--sample-seed: says how --sample N draws; give that too")
    choice = {
        "suite_name": options.suite,
        "rosters": options.roster,
        "models": options.models,
        "tasks": options.tasks,
        "selection": Selection(
            tuple(options.examples),
            options.text,
            options.limit,
            options.sample,
            options.sample_seed or 0,
        ),
        "prompts": options.prompts,
        "prompt_folder": options.prompt_folder,
        "allow_trained_on": options.allow_trained_on,
        "floors": options.floors,
        "primary": dict(options.primary),
        "reader": options.reader,
        "data_choice": chosen_data(options),
        "judges": options.judges,
    }
    metric_options = chosen_by_flags(vars(options))
    if options.dry_run:
        jobs = choose_jobs(**choice)
        choose_metrics(jobs, metric_options, options.roster)
        note_asked_once(jobs, options.repeats)
        if options.shard:
            jobs = jobs.share(options.shard)
        dry = dry_run(jobs, options.out, options.repeats)
        result = Result(
            table=lambda: dry_run_parts(dry, options.max_cost),
            csv=lambda: dry_run_csv(dry),
            json=lambda: dry_run_json(dry),
        )
        print(result_text(result, options), end="")
        return 0
    how: dict[str, Any] = {
        "out": options.out,
        "max_cost": options.max_cost,
        "options": metric_options,
        "repeats": options.repeats,
        "question_weights": options.question_weights,
        "engine": engine,
    }
    try:
        if options.shard:
            jobs = choose_jobs(**choice)
            where = (choice["selection"], options.suite, options.roster)
            run = predict_shard(options.shard, jobs, *where, **how)
            print(shard_text(run, options), end="")
            return exit_code(run.failures)
        evaluation = evaluate(**choice, **how, overwrite=options.overwrite, tracker=tracker)
    except (CostLimitError, WorkersError) as error:
        warn(str(error))
        return 3
    report = draw_report(options.out)
    print(evaluation_text(evaluation, report, options), end="")
    if tracker:
        tell_tracker(tracker, evaluation.leaderboard, evaluation.path, report)
    return exit_code(evaluation.failures)


def _tasks(text: str) -> list[str]:
    listed = names(text)
    for task in listed:
        if task not in TASKS:
            raise argparse.ArgumentTypeError(f"there is no task {task!r}, only {', '.join(TASKS)}")
    return [task for task in TASKS if task in listed]


def _shard(text: str) -> Shard:
    try:
        return Shard.named(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _integer(text: str) -> int:
    if not text.removeprefix("-").isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}")
    return int(text)
