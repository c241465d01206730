"""`harness score`: its options, and what it prints."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harness.command.options import (
    add_metric_options,
    add_own_metric_option,
    add_primary_option,
    path,
)
from harness.errors import UsageError
from harness.external.formats import FORMATS
from harness.records import TASKS
from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from harness.scores.request import System

DESCRIPTION = (
    "Score outputs made elsewhere against references, with intervals, comparisons and ranks. "
    "Formats are told by the suffix: .jsonl, .csv, .tsv, .json (SQuAD's data set; predictions "
    "{id: text}), .txt (line i with line i), .parquet, or a data set's folder. A "
    "prediction that is missing scores 0 and is counted."
)

USAGE = "--references FILE --predictions [NAME=]FILE ... [options]"
EXAMPLES = (
    "harness score --references gold.jsonl --predictions ours.jsonl baseline=other.csv",
    "harness score --references dev-v2.0.json --predictions predictions.json --out scored",
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness score`."""
    command.add_argument("--references", type=path, metavar="FILE", required=True,
                         help="what to score against: ids with one or more texts each")  # fmt: skip
    command.add_argument(
        "--predictions", metavar="[NAME=]FILE", nargs="+", action="extend", required=True,
        help="one file a system; its name is the file's, without the suffix, if none is given",
    )  # fmt: skip
    command.add_argument(
        "--task", choices=TASKS,
        help="summarize (ROUGE) or answer (exact match, F1); default: answer for SQuAD's data set "
        "and for references in a field answer or answers, else summarize",
    )  # fmt: skip
    command.add_argument("--items", type=path, metavar="FILE",
                         help="write each item's scores to this .jsonl or .parquet")  # fmt: skip
    command.add_argument("--out", type=path, metavar="DIR",
                         help="write a run into this folder, for other verbs")  # fmt: skip
    add_primary_option(command)
    add_format_options(command)

    files = command.add_argument_group("files")
    for side in ("references", "predictions"):
        files.add_argument(f"--{side}-format", choices=FORMATS, help=f"the format of the {side}")
    for name in ("id", "reference", "prediction"):
        files.add_argument(f"--{name}-field", metavar="NAME", help=f"the field of the {name}")

    files.add_argument("--cluster-field", metavar="NAME",
                       help="the field of the references that says which belong together, such as "
                       "their article: intervals and tests are over its values (default: SQuAD's "
                       "titles, else each by itself)")  # fmt: skip

    answers = command.add_argument_group("answers")
    answers.add_argument("--squad", choices=["1.1", "2.0"],
                         help="whose rules (default: the data set's; else 1.1 if every question "
                         "has an answer)")  # fmt: skip
    answers.add_argument(
        "--no-answer-probabilities", type=path, metavar="FILE", nargs="+", action="extend",
        help="a JSON {id: probability of no answer}, one for each --predictions file, in order",
    )  # fmt: skip

    rouge = command.add_argument_group("summaries")
    rouge.add_argument("--exceptions", type=path, metavar="PATH",
                       help="WordNet's exception lists, for ROUGE-1.5.5's -m")  # fmt: skip
    add_own_metric_option(command)
    add_metric_options(command, language="English", references="best")


def run(options: argparse.Namespace) -> int:
    """Score the files, print the result, and return the exit code."""
    from harness.external.outputs import FieldNames
    from harness.leaderboard.printing.flat import leaderboard_csv
    from harness.metrics.options import chosen_by_flags
    from harness.progress import note, warn
    from harness.scores.request import ScoreRequest
    from harness.scores.samples import are_samples, difference_lines
    from harness.scores.scoring import score_files
    from harness.scores.tables import score_tables
    from harness.tables.formats import Result, result_text

    systems = _systems(options.predictions, options.no_answer_probabilities)
    board = score_files(
        ScoreRequest(
            references=options.references,
            systems=systems,
            task=options.task,
            squad=options.squad,
            exceptions=options.exceptions,
            options=chosen_by_flags(vars(options)),
            fields=FieldNames(
                options.id_field,
                options.reference_field,
                options.prediction_field,
                options.cluster_field,
            ),
            references_format=options.references_format,
            predictions_format=options.predictions_format,
            items=options.items,
            out=options.out,
            primary=dict(options.primary),
        )
    )
    result = Result(
        table=lambda: score_tables(board, options.wide),
        csv=lambda: leaderboard_csv(board),
        json=board.to_json,
    )
    print(result_text(result, options), end="")
    if options.out and options.format == "table":
        print(f"\nLeaderboard: {options.out / 'leaderboard.json'}")
    paths = {system.name: system.path for system in systems}
    for row in board.rows:
        if row.model in paths and are_samples(paths[row.model]):
            for line in difference_lines(paths[row.model], row):
                note(line)
        if row.counts.missing:
            warn(
                f"{row.model}: {row.counts.missing} of {row.counts.expected} predictions are "
                "missing; each scores 0"
            )
    return 0


def _systems(arguments: list[str], probabilities: list[Path] | None) -> list["System"]:
    """Return the systems of the command line; a name stands before "=" unless a file is so named.

    Raises UsageError for probabilities that are not one file a system.
    """
    from harness.scores.request import System

    if probabilities and len(probabilities) != len(arguments):
        raise UsageError(
            f"--no-answer-probabilities: {len(probabilities)} files for {len(arguments)} systems; "
            "give one for each, in the order of --predictions"
        )
    systems = []
    for i, argument in enumerate(arguments):
        name, equals, file = argument.partition("=")
        if not equals or not name or Path(argument).exists():
            name, file = Path(argument).stem, argument
        systems.append(System(name, Path(file), probabilities[i] if probabilities else None))
    return systems
