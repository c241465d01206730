"""`harness show`: its options, and what it prints."""

import argparse
from pathlib import Path

DESCRIPTION = (
    "Show one prediction of a run: the context with what the model did not see of it, the prompt, "
    "the output, the references, the scores and the costs. The prompt is rendered anew by the "
    "model's own tokenizer and held against the recorded hash."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness show`."""
    command.add_argument(
        "example", metavar="EXAMPLE",
        help="an article or event for its summary, or ARTICLE/QUESTION",
    )  # fmt: skip
    command.add_argument("--model", metavar="M", required=True,
                         help="the model, as the leaderboard calls it")  # fmt: skip
    command.add_argument("--run", type=Path, metavar="DIR", dest="folder", default=Path("results"),
                         help="the run to read (default: results)")  # fmt: skip
    command.add_argument("--suite", metavar="SUITE",
                         help="the suite that was run (default: the one that ships)")  # fmt: skip
    command.add_argument(
        "--roster", type=Path, metavar="FILE", action="append",
        help="a TOML file with the model, to render its prompt; may be given several times "
        "(default: models.toml)",
    )  # fmt: skip
    command.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the prediction, and return the exit code."""
    import dataclasses
    import json

    from harness.show.example_view import show
    from harness.show.text import example_text

    view = show(options.example, options.model, options.folder, options.suite, options.roster)
    if options.json:
        print(json.dumps(dataclasses.asdict(view), indent=2, allow_nan=False))
    else:
        print(example_text(view))
    return 0
