"""The command line: parse, call, print.

stdout carries the result, stderr the progress. Exit codes: 0 done, 1 the check, the gate or
verifying found something, 2 bad input or usage, 3 finished with failed predictions, 130
interrupted.
"""

import argparse
import importlib.metadata
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import harness.compare.verb
import harness.external.verb
import harness.gate.verb
import harness.report.verb
import harness.show.verb
import harness.verify.verb
import harness.view.verb
from harness.arguments import add_plan_arguments, add_prompts_argument
from harness.errors import HarnessError, UsageError
from harness.records import TASKS

EPILOG = "`harness COMMAND --help` explains a command. The README explains the numbers."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an article has letters that not all have
            stream.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "harness: interrupted; what was predicted is kept, run again to go on", file=sys.stderr
        )
        return 130
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="harness",
        description="Run summarizers and question-answering models over articles, and score them "
        "against golden summaries and answers.",
        epilog=EPILOG,
    )
    version = importlib.metadata.version("golden-harness")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = _command(commands, "eval", _eval, "run models on a suite and write a leaderboard")
    _add_suite(run)
    _add_roster(run)
    run.add_argument("--models", type=_names, metavar="A,B", help="only these models of the roster")
    run.add_argument(
        "--tasks",
        type=_tasks,
        metavar="A,B",
        default=list(TASKS),
        help=f"only these tasks, of {' and '.join(TASKS)} (default: both)",
    )
    run.add_argument(
        "--limit", type=_positive, metavar="N", help="only the first N examples of each task"
    )
    run.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("results"),
        help="where the predictions are kept and the leaderboard is written (default: results); "
        "predictions that are there already are not made again",
    )
    add_prompts_argument(run, _names)
    run.add_argument("--json", action="store_true", help="print the leaderboard as JSON, no tables")
    run.add_argument(
        "--allow-trained-on",
        action="store_true",
        help="score models on what their `trained_on` names too, and mark their rows",
    )

    for name, verb, text in (
        ("score", harness.external.verb, "score outputs made elsewhere"),
        ("compare", harness.compare.verb, "compare two runs example by example"),
        ("gate", harness.gate.verb, "fail if a run is really worse than a baseline"),
        ("verify", harness.verify.verb, "recompute every number of a leaderboard"),
        ("show", harness.show.verb, "show one example: what a model saw, said and scored"),
        ("report", harness.report.verb, "write a run as one page to look at"),
        ("view", harness.view.verb, "serve a run's page to a browser on this machine"),
    ):
        command = _command(commands, name, verb.run, text)
        command.description = verb.DESCRIPTION
        verb.add_options(command)

    models = _command(commands, "models", _models, "list the models of the roster")
    _add_roster(models)
    models.add_argument(
        "--keys",
        metavar="KIND",
        nargs="?",
        const="",
        help="list the keys that a roster's entries may have: of one kind, or of all",
    )
    models.add_argument("--json", action="store_true", help="print JSON, no table")

    check = _command(commands, "check", _check, "look for mistakes in a suite's goldens")
    _add_suite(check)
    check.add_argument("--json", action="store_true", help="print JSON")

    plan = _command(commands, "plan", _plan, "say what size of suite would show a difference")
    _add_suite(plan)
    add_plan_arguments(plan)

    articles = _command(
        commands, "articles", _articles, "list the suite's articles, or show how one was cleaned"
    )
    _add_suite(articles)
    articles.add_argument("id", nargs="?", help="print this article's cleaned text")
    articles.add_argument(
        "--removed", action="store_true", help="print what cleaning removed from it, and why"
    )
    return parser


def _command(
    commands: "argparse._SubParsersAction[_Parser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def _add_suite(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--suite",
        metavar="SUITE",
        help="a folder with seeds/ and goldens/, or a data set laid out as SQuAD: squad:FILE, "
        "squad:FOLDER#SPLIT, squad:OWNER/NAME@COMMIT#SPLIT (default: the suite that ships)",
    )


def _add_roster(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        action="append",
        help="a TOML file of models; may be given several times (default: models.toml)",
    )


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


def _eval(options: argparse.Namespace) -> int:
    from harness.evaluate import evaluate
    from harness.leaderboard.tables import tables

    done = evaluate(
        suite_name=options.suite,
        rosters=options.roster,
        models=options.models,
        tasks=options.tasks,
        limit=options.limit,
        out=options.out,
        allow_trained_on=options.allow_trained_on,
        prompts=options.prompts,
    )
    page = harness.report.verb.after_eval(options.out, options.suite)
    if options.json:
        print(done.leaderboard.to_json(), end="")
    else:
        print(tables(done.leaderboard))
        print(f"\nLeaderboard: {done.path}")
        if page:
            print(f"Report: {page}")
    for line in done.failures:
        print(f"harness: {line}", file=sys.stderr)
    return 3 if done.failures else 0


def _models(options: argparse.Namespace) -> int:
    from harness.models.roster.verb import run

    return run(options)


def _check(options: argparse.Namespace) -> int:
    from harness.check.verb import run

    return run(options)


def _plan(options: argparse.Namespace) -> int:
    from harness.plan import as_json, in_words, plan

    made = plan(options.out, options.difference, options.suite, options.metric)
    print(as_json(made) if options.json else "\n\n".join(in_words(one) for one in made))
    return 0


def _articles(options: argparse.Namespace) -> int:
    from harness.suite.listing import listed

    print(listed(options.suite, options.id, options.removed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
