"""Options that mean the same in every verb, and what they are where the line does not say.

`docs/commands.md` is the grammar that they follow.
"""

import argparse
from pathlib import Path

from harness.command.locations import default_suite
from harness.command.settings import leaderboard_of, read_settings, recorded_suite
from harness.records import TASKS, Task

RUN_HELP = "a run: the folder that `harness eval` or `score` has written, or its leaderboard.json"
DEFAULT_RUN = "(default: the settings' out, else results)"


def path(text: str) -> Path:
    """Return a path of the command line; raise ArgumentTypeError for no text."""
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty; name a path")
    return Path(text)


def name(text: str) -> str:
    """Return a name of the command line; raise ArgumentTypeError for no text."""
    if not text:
        raise argparse.ArgumentTypeError("is empty; name something")
    return text


def names(text: str) -> list[str]:
    """Return the names of a list with commas; raise ArgumentTypeError if there is none."""
    listed = [part.strip() for part in text.split(",") if part.strip()]
    if not listed:
        raise argparse.ArgumentTypeError("names nothing")
    return listed


def add_run_argument(command: argparse.ArgumentParser, meaning: str = RUN_HELP) -> None:
    """Add RUN to a verb that reads a run."""
    command.add_argument(
        "run_folder", type=path, metavar="RUN", nargs="?", help=f"{meaning} {DEFAULT_RUN}"
    )


def add_suite_option(command: "argparse._ActionsContainer", of_run: bool = False) -> None:
    """Add `--suite` to a verb that reads a suite, or the one that a run was made on.

    One that reads a suite takes the options of data sets (`add_data_options`) as well.
    """
    default = "the one that the run records" if of_run else "the settings', else what ships"
    command.add_argument(
        "--suite",
        type=name,
        metavar="SUITE",
        help="`shipped`, `demo`, a folder with seeds/ and goldens/, or a data set: data:FILE, "
        "data:FOLDER#SPLIT, hub:OWNER/NAME:CONFIG@COMMIT#SPLIT, known:NAME@COMMIT, or a TOML file "
        f"that describes one (default: {default})",
    )


def add_roster_option(command: "argparse._ActionsContainer") -> None:
    """Add `--roster` to a verb that reads rosters."""
    command.add_argument(
        "--roster",
        type=name,
        metavar="ROSTER",
        action="append",
        help="`shipped`, `shipped:hub`, or a TOML file of models; may be given several times "
        "(default: the settings', else ./models.toml, else shipped)",
    )


def add_metric_options(command: argparse.ArgumentParser, language: str, references: str) -> None:
    """Add the options of the metrics to a verb that scores."""
    metrics = command.add_argument_group("metrics")
    metrics.add_argument("--language", metavar="CODE",
                         help="the texts' language, such as de: how words are told and stemmed, "
                         f"and answers normalized (default: {language})")  # fmt: skip
    metrics.add_argument("--tokenizer", choices=["default", "unicode", "spaces"],
                         help="of summaries: default is rouge-score's, unicode for every script, "
                         "spaces for texts that are parted (default: the language's)")  # fmt: skip
    metrics.add_argument("--no-stemmer", dest="stemmer", action="store_const", const=False,
                         help="compare words as they are")  # fmt: skip
    metrics.add_argument("--sentences", choices=["harness", "newline"],
                         help="how rougeLsum parts a text (default: harness)")  # fmt: skip
    metrics.add_argument("--several-references", choices=["best", "mean", "jackknife"],
                         help="of summaries: the best counts, their mean, or the mean of the best "
                         f"with one left out (default: {references})")  # fmt: skip
    metrics.add_argument("--with", type=names, metavar="NAMES", dest="further",
                         help="further metrics: of summaries rouge_parts (precision and recall), "
                         "chrf, bertscore; of answers equivalence (default: the suite's, "
                         "else none)")  # fmt: skip
    metrics.add_argument("--encoder", metavar="NAME#LAYER",
                         help="of bertscore: an entry of the roster, a folder with weights or "
                         "OWNER/NAME@COMMIT, and which layer of it counts (default: "
                         "minilm-lexrank#6)")  # fmt: skip
    metrics.add_argument("--normalization", choices=["squad", "mlqa", "korquad", "unicode"],
                         help="of answers: by whose rule (default: the language's; of English "
                         "SQuAD's)")  # fmt: skip


def add_primary_option(command: "argparse._ActionsContainer") -> None:
    """Add the option that names the metric by which a task's rows are ranked."""
    command.add_argument(
        "--primary", type=_primary, metavar="TASK=METRIC", action="append", default=[],
        help="sort, rank and compare a task's rows by this metric, such as summarize=support "
        "(default: the suite's); may be given for both tasks",
    )  # fmt: skip


def _primary(text: str) -> tuple[Task, str]:
    for task in TASKS:
        if text.startswith(f"{task}=") and text != f"{task}=":
            return task, text.removeprefix(f"{task}=")
    raise argparse.ArgumentTypeError(
        f"must be TASK=METRIC, with a task of {' and '.join(TASKS)}, not {text!r}"
    )


def add_own_metric_option(command: "argparse._ActionsContainer") -> None:
    """Add `--score-with` to a verb that scores and writes runs."""
    command.add_argument(
        "--score-with",
        metavar="FILE:CLASS",
        action="append",
        help="score by a metric of your own too: a class in a Python file, or the name of one that "
        "an installed package offers; may be given several times",
    )


def complete(options: argparse.Namespace) -> str:
    """Fill in what the line left out; return what the command is about, in a line's words.

    RUN, `--suite`, `--roster`, `--out` and `--prompt-folder` are filled in where a verb has them.
    Raises DataError for a file of settings that is wrong.
    """
    asked = vars(options)
    subjects: list[str] = []
    if not asked.keys() & {"run_folder", "suite", "roster"}:
        return ""
    settings = read_settings()
    if "run_folder" in asked:
        if options.run_folder is None:
            subjects.append(f"run {settings.out}")
            options.run_folder = settings.out.value
    elif "out" in asked:
        options.out = options.out or settings.out.value
    if "suite" in asked:
        origin = "" if options.suite else settings.suite.origin
        if not options.suite and "run_folder" in asked:
            options.suite = recorded_suite(options.run_folder)
            origin = "as the run records" if options.suite else settings.suite.origin
        options.suite = options.suite or settings.suite.value or default_suite()
        if "run_folder" not in asked or leaderboard_of(options.run_folder).is_file():
            subjects.append(f"suite {options.suite}" + (f" ({origin})" if origin else ""))
    if "roster" in asked:
        given = ", ".join(options.roster or ())
        subjects.append(f"roster {given or settings.roster}")
        options.roster = options.roster or list(settings.roster.value)
        options.prompt_folder = settings.prompts.value
        if settings.prompts.value:
            subjects.append(f"prompts {settings.prompts}")
    text = "; ".join(subjects)
    return text[:1].upper() + text[1:]
