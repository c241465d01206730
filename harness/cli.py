"""The command line: parse, call, print.

stdout carries the result, stderr the progress. Exit codes: 0 done, 1 the check, the gate or
verifying found something, 2 bad input or usage, 3 finished with failed predictions, 130
interrupted.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import NoReturn

import harness.check.verb
import harness.compare.verb
import harness.eval.verb
import harness.external.verb
import harness.gate.verb
import harness.models.roster.verb
import harness.plan.verb
import harness.report.verb
import harness.show.verb
import harness.suite.verb
import harness.verify.verb
import harness.view.verb
from harness.errors import HarnessError, UsageError

EPILOG = "`harness COMMAND --help` explains a command. The README explains the numbers."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


class _Version(argparse.Action):
    """Print the version; it is looked up only then, as the packages' metadata is slow to import."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import importlib.metadata

        print(f"{parser.prog} {importlib.metadata.version('golden-harness')}")
        parser.exit()


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
    parser.add_argument("--version", action=_Version, nargs=0, dest=argparse.SUPPRESS,
                        help="show program's version number and exit")  # fmt: skip
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # The report is a later room than the run that it shows, so the run is told how it is drawn.
    evaluate = partial(harness.eval.verb.run, draw_report=harness.report.verb.after_eval)
    text = "run models on a suite and write a leaderboard"
    _add(commands, "eval", harness.eval.verb, text, evaluate)
    for name, verb, text in (
        ("score", harness.external.verb, "score outputs made elsewhere"),
        ("compare", harness.compare.verb, "compare two runs example by example"),
        ("gate", harness.gate.verb, "fail if a run is really worse than a baseline"),
        ("verify", harness.verify.verb, "recompute every number of a leaderboard"),
        ("show", harness.show.verb, "show one example: what a model saw, said and scored"),
        ("report", harness.report.verb, "write a run as one page to look at"),
        ("view", harness.view.verb, "serve a run's page to a browser on this machine"),
        ("models", harness.models.roster.verb, "list the models of the roster"),
        ("check", harness.check.verb, "look for mistakes in a suite's goldens"),
        ("plan", harness.plan.verb, "say what size of suite would show a difference"),
        ("articles", harness.suite.verb, "list the suite's articles, or show how one was cleaned"),
    ):
        _add(commands, name, verb, text, verb.run)
    return parser


def _add(
    commands: "argparse._SubParsersAction[_Parser]",
    name: str,
    verb: ModuleType,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> None:
    """Add a verb's command: its options, and what runs it."""
    description = getattr(verb, "DESCRIPTION", f"{text[0].upper()}{text[1:]}.")
    command = commands.add_parser(name, help=text, description=description)
    command.set_defaults(run=run)
    verb.add_options(command)


if __name__ == "__main__":
    sys.exit(main())
