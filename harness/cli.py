"""The command line: parse, call, print.

stdout carries the result, stderr the progress. Exit codes: 0 done, 1 a check, the gate or
verifying found something, 2 bad input or usage, 3 finished with failed predictions, or stopped by
`--max-cost`, 4 a fault of ours, 130 interrupted. `docs/commands.md` is the grammar of the verbs.
"""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import harness.agreement.verb
import harness.board.verb
import harness.check.verb
import harness.compare.verb
import harness.eval.verb
import harness.export.verb
import harness.gate.verb
import harness.history.verb
import harness.merge.verb
import harness.models.roster.verb
import harness.plan.verb
import harness.report.verb
import harness.scores.verb
import harness.show.verb
import harness.suite.verb
import harness.verify.verb
import harness.view.verb
from harness.command.fault import fault_text, machine_failure
from harness.command.meant import NAMED_BY, OTHER_FLAGS, OTHER_WORDS
from harness.command.options import complete, path
from harness.errors import DataError, HarnessError, UsageError, did_you_mean
from harness.output import end_of_output, forget_output
from harness.progress import quiet
from harness.visible import visible_text

EPILOG = "`harness help COMMAND` explains a command; the pages in docs/ explain the rest."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _, *examples = (self.epilog or "").split("\n  ")
        shown = "are required" in message and examples
        raise UsageError(
            f"{message}; {f'such as `{examples[0]}`; ' if shown else ''}see `{self.prog} --help`"
        )


class _Help(argparse.HelpFormatter):
    """A help text whose paragraphs are filled, and whose examples stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class _Version(argparse.Action):
    """Print the version; it is looked up only then, as the packages' metadata is slow to import."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import importlib.metadata

        print(f"{parser.prog} {importlib.metadata.version('golden-harness')}")
        parser.exit()


class _Completion(argparse.Action):
    """Print what makes a shell complete the commands."""

    def __call__(
        self, parser: argparse.ArgumentParser, _namespace: object, shell: object, *_: object
    ) -> NoReturn:
        import shtab

        for command in _commands(parser).values():
            for action in command._actions:
                if action.type is path:
                    vars(action)["complete"] = shtab.FILE  # which argparse does not declare
        print(shtab.complete(parser, str(shell)))
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an article has letters that not all have
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        end_of_output()
        return code
    except (DataError, UsageError) as error:  # a line for each problem, or what to paste
        return _end(2, visible_text(str(error)))
    except HarnessError as error:
        return _end(2, visible_text(" ".join(str(error).split("\n"))))
    except KeyboardInterrupt:
        return _end(130, "interrupted; what was predicted is kept, run again to go on")
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        forget_output()
        return 141
    except BaseException as error:  # a library's panic is no Exception
        if line := machine_failure(error):
            return _end(2, visible_text(line))
        return _end(4, visible_text(fault_text(error)))


def _run(arguments: Sequence[str]) -> int:
    try:
        options = _parse(arguments)
        subject = complete(options)
        if subject and not options.quiet:
            print(visible_text(subject), file=sys.stderr)
        with quiet(options.quiet):
            code: int = options.run(options)
    except SystemExit as leaving:  # argparse has printed a help text
        return int(leaving.code or 0)
    return code


def _end(code: int, line: str) -> int:
    """Say on stderr what ended the command, and return its exit code."""
    try:
        end_of_output()  # what there is of a result
    except (HarnessError, OSError):
        forget_output()
    print(f"harness: {line}", file=sys.stderr)
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line; raise UsageError with what was probably meant."""
    _refuse_no_text(arguments)
    parser = command_parser()
    commands = _commands(parser)
    for word in arguments[:2] if arguments[:1] == ["help"] else arguments[:1]:
        if not word.startswith("-") and word not in commands:
            known = did_you_mean(word, [*commands])
            hint = f"; {OTHER_WORDS[word]}" if word in OTHER_WORDS else known
            raise UsageError(f"there is no command {word!r}{hint}; see `harness --help`")
    if arguments and arguments[0] in commands:
        _refuse_unknown_flags(arguments[0], commands[arguments[0]], arguments[1:])
    options, unknown = parser.parse_known_args(arguments)
    # argparse takes RUN only beside what stands before it: `show EXAMPLE --model M RUN`.
    if getattr(options, "run_folder", options) is None and len(unknown) == 1:
        options.run_folder = path(unknown.pop()) if not unknown[0].startswith("-") else None
    if unknown:
        command = commands.get(arguments[0], parser)
        flags = command._option_string_actions
        ways = ["RUN is there already"] if "run_folder" in options else []
        ways += [way for flag, way in NAMED_BY.items() if flag in flags]
        hint = f"; {', '.join(ways) or 'it takes no more than it has'}"
        if unknown[0].startswith("-"):
            hint = _like(unknown[0], [flag for flag in flags if flag.startswith("--")])
        command.error(f"unknown {unknown[0]!r}{hint}")
    return options


def _refuse_no_text(arguments: Sequence[str]) -> None:
    """Raise UsageError for a name that is no UTF-8: no leaderboard and no page can have it.

    That of this folder is one too, from which paths are recorded.
    """
    try:
        here = str(Path.cwd())
    except FileNotFoundError:
        raise UsageError("this folder was removed; change to one that is there") from None
    for name in (*arguments, here):
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UsageError(f"{name!a}: is no UTF-8; give it another name") from None


def _refuse_unknown_flags(
    verb: str, command: argparse.ArgumentParser, arguments: Sequence[str]
) -> None:
    """Raise UsageError for the first long flag that a verb does not have.

    This comes before argparse, which would rather ask for what a misspelt flag leaves missing.
    """
    flags = [flag for flag in command._option_string_actions if flag.startswith("--")]
    for word in arguments:
        flag = word.partition("=")[0]
        if word == "--":
            return
        if flag.startswith("--") and " " not in word and flag not in flags:
            known = _like(flag, flags)
            hint = f"; {OTHER_FLAGS[verb, flag]}" if (verb, flag) in OTHER_FLAGS else known
            command.error(f"unknown {flag!r}{hint}")


def _like(flag: str, flags: Sequence[str]) -> str:
    """Return the flags most like one, as the end of a message; if none is, the help has all."""
    hint = did_you_mean(flag, flags)
    return "" if hint.startswith("; there are") else hint


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; `docs/` is made from it too."""
    parser = _Parser(
        prog="harness",
        description="Run summarizers and question-answering models over articles, and score them "
        "against golden summaries and answers.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, dest=argparse.SUPPRESS,
                        help="show the version and exit")  # fmt: skip
    parser.add_argument("--print-completion", action=_Completion, dest=argparse.SUPPRESS,
                        choices=["bash", "zsh", "tcsh"],
                        help="print what makes this shell complete the commands")  # fmt: skip
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # The report is a later room than the run that it shows, so the run is told how it is drawn.
    evaluate = partial(harness.eval.verb.run, draw_report=harness.report.verb.after_eval)
    text = "run models on a suite and write a leaderboard"
    _add(commands, "eval", harness.eval.verb, text, evaluate)
    merge = partial(harness.merge.verb.run, draw_report=harness.report.verb.after_eval)
    _add(commands, "merge", harness.merge.verb, "make one run of its shards", merge)
    for name, verb, text in (
        ("score", harness.scores.verb, "score outputs made elsewhere"),
        ("compare", harness.compare.verb, "compare two runs example by example"),
        ("board", harness.board.verb, "unite runs over one suite into a leaderboard"),
        ("history", harness.history.verb, "show rows over several runs in time"),
        ("gate", harness.gate.verb, "fail if a run is really worse than a baseline"),
        ("verify", harness.verify.verb, "recompute every number of a leaderboard"),
        ("show", harness.show.verb, "show one example: what a model saw, said and scored"),
        ("report", harness.report.verb, "write a run as one page to look at"),
        ("view", harness.view.verb, "serve a run's page to a browser on this machine"),
        ("export", harness.export.verb, "write a run in a format of others"),
        ("models", harness.models.roster.verb, "list the models of the roster"),
        ("check", harness.check.verb, "look for mistakes in a suite's goldens"),
        ("plan", harness.plan.verb, "say what size of suite would show a difference"),
        ("agreement", harness.agreement.verb, "hold measures against what people judged"),
        ("articles", harness.suite.verb, "list the suite's articles, or show how one was cleaned"),
    ):
        _add(commands, name, verb, text, verb.run)
    text = "explain a command"
    help_command = commands.add_parser(
        "help", help=text, description=f"{text.capitalize()}.", allow_abbrev=False
    )
    help_command.add_argument("command", metavar="COMMAND", nargs="?",
                              choices=list(commands.choices))  # fmt: skip
    help_command.set_defaults(run=partial(_help, parser), quiet=True)
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
    usage = getattr(verb, "USAGE", None)  # of a verb with more options than a reader looks through
    examples = "\n".join(f"  {line}" for line in getattr(verb, "EXAMPLES", ()))
    command = commands.add_parser(
        name,
        help=text,
        description=description,
        usage=usage and f"%(prog)s {usage}",
        epilog=examples and f"examples:\n{examples}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    command.set_defaults(run=run)
    verb.add_options(command)
    command.add_argument("-q", "--quiet", action="store_true",
                         help="nothing on stderr but what went wrong")  # fmt: skip


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands, by name."""
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def _help(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    (_commands(parser)[options.command] if options.command else parser).print_help()
    return 0
