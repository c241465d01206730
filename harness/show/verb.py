"""`harness show`: its options, and what it prints."""

import argparse

from harness.command.options import add_roster_option, add_run_argument, add_suite_option
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
    command.add_argument("--model", metavar="M", required=True,
                         help="the model, as the leaderboard calls it")  # fmt: skip
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

    if options.example == DISAGREEMENTS:
        found = disagreements(options.model, options.run_folder, options.suite)
        if options.format == "json":
            print(json.dumps(dataclasses.asdict(found), indent=2, allow_nan=False))
        else:
            print(disagreements_text(found))
        return 0
    view = show(
        options.example,
        options.model,
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
