"""`harness eval`: its options, and what it prints."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from harness.models.roster.verb import add_roster_option
from harness.records import TASKS
from harness.suite.verb import add_suite_option

# Draws the report of a finished run, of the suite with that name; None where it could not be.
DrawReport = Callable[[Path, str | None], Path | None]


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness eval`."""
    add_suite_option(command)
    add_roster_option(command)
    command.add_argument(
        "--models", type=_names, metavar="A,B", help="only these models of the roster"
    )
    command.add_argument(
        "--tasks",
        type=_tasks,
        metavar="A,B",
        default=list(TASKS),
        help=f"only these tasks, of {' and '.join(TASKS)} (default: both)",
    )
    command.add_argument(
        "--limit", type=_positive, metavar="N", help="only the first N examples of each task"
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("results"),
        help="where the predictions are kept and the leaderboard is written (default: results); "
        "predictions that are there already are not made again",
    )
    command.add_argument(
        "--prompts",
        type=_names,
        metavar="A,B",
        help="run each prompted model under each of these prompts; the rows are called "
        '"model [prompt]" (default: the prompt that the roster names)',
    )
    command.add_argument(
        "--json", action="store_true", help="print the leaderboard as JSON, no tables"
    )
    command.add_argument(
        "--allow-trained-on",
        action="store_true",
        help="score models on what their `trained_on` names too, and mark their rows",
    )


def run(options: argparse.Namespace, draw_report: DrawReport) -> int:
    """Run the models, print the leaderboard, and return the exit code."""
    from harness.eval.evaluate import evaluate
    from harness.leaderboard.tables import tables

    evaluation = evaluate(
        suite_name=options.suite,
        rosters=options.roster,
        models=options.models,
        tasks=options.tasks,
        limit=options.limit,
        out=options.out,
        allow_trained_on=options.allow_trained_on,
        prompts=options.prompts,
    )
    report = draw_report(options.out, options.suite)
    if options.json:
        print(evaluation.leaderboard.to_json(), end="")
    else:
        print(tables(evaluation.leaderboard))
        print(f"\nLeaderboard: {evaluation.path}")
        if report:
            print(f"Report: {report}")
    for failure in evaluation.failures:
        print(f"harness: {failure}", file=sys.stderr)
    return 3 if evaluation.failures else 0


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("names nothing")
    return names


def _tasks(text: str) -> list[str]:
    names = _names(text)
    for name in names:
        if name not in TASKS:
            raise argparse.ArgumentTypeError(f"there is no task {name!r}, only {', '.join(TASKS)}")
    return [task for task in TASKS if task in names]


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)
