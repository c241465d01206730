"""`harness show`: its options, and what it prints."""

import argparse
from pathlib import Path

from harness.command.options import add_roster_option, add_run_argument, add_suite_option
from harness.errors import UsageError
from harness.tables.formats import add_format_options

# What stands in an example's place.
DISAGREEMENTS = "disagreements"

DESCRIPTION = (
    "Show one prediction of a run: the context with what the model did not see of it, the prompt, "
    "the output, the references, the scores and the costs. The prompt is rendered anew by the "
    "model's own tokenizer and held against the recorded hash."
)
EXAMPLES = ("harness show bridge-closed/why-bridge-closed --model no-answer",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness show`."""
    command.add_argument(
        "example", metavar="EXAMPLE",
        help="an article or event for its summary, or ARTICLE/QUESTION; `disagreements` lists the "
        "answers that exact match, F1 and contains see differently, and contains by their length",
    )  # fmt: skip
    add_run_argument(command)
    command.add_argument("--model", metavar="M",
                         help="the model, as the leaderboard calls it (default: the only one that "
                         "is no floor)")  # fmt: skip
    add_suite_option(command, of_run=True)
    add_roster_option(command)
    add_format_options(command, formats=("text", "json"))


def run(options: argparse.Namespace) -> int:
    """Print the prediction, and return the exit code."""
    import dataclasses
    import json

    from harness.show.disagreements import disagreements, disagreements_text
    from harness.show.example_view import show
    from harness.show.text import example_text

    model = options.model or _only_model(options.run_folder)
    if options.example == DISAGREEMENTS:
        found = disagreements(model, options.run_folder, options.suite)
        if options.format == "json":
            print(json.dumps(dataclasses.asdict(found), indent=2, allow_nan=False))
        else:
            print(disagreements_text(found))
        return 0
    view = show(
        options.example,
        model,
        options.run_folder,
        options.suite,
        options.roster,
        options.prompt_folder,
    )
    if options.format == "json":
        print(json.dumps(dataclasses.asdict(view), indent=2, allow_nan=False))
    else:
        print(example_text(view))
    return 0


def _only_model(folder: Path) -> str:
    """Return the run's model if it has one alone; raise UsageError that names all that it has."""
    from harness.leaderboard.run_folder import read_run

    rows = [row for row in read_run(folder).board.rows if row.role != "people"]
    models = dict.fromkeys(row.model for row in rows if row.role == "model")
    if len(models) == 1:
        return next(iter(models))
    named = ", ".join(models | dict.fromkeys(row.model for row in rows))
    raise UsageError(f"--model: say whose prediction to show; there are {named}")
