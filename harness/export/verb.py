"""`harness export`: its options, and what it prints."""

import argparse
from typing import TYPE_CHECKING

from harness.command.options import add_run_argument, name, names, path
from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from harness.export.exported import Exported

FORMATS = ("every-eval-ever", "hub", "lm-eval", "datasets")
DESCRIPTION = (
    "Write a run, or its suite, in a format of others: every-eval-ever (a JSON file a model, and a "
    "line an example and metric), hub (a model's .eval_results and model-index), lm-eval (the "
    "suite as tasks that are scored by our metrics), datasets (the suite as a folder that "
    "load_dataset reads). A line says what it has no room for."
)
EXAMPLES = ("harness export results --to datasets --out FOLDER",)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness export`."""
    add_run_argument(command)
    command.add_argument("--to", choices=FORMATS, required=True, help="the format")
    command.add_argument(
        "--out", type=path, metavar="DIR", help="where to write (default: the format's name)"
    )
    command.add_argument(
        "--models",
        type=names,
        metavar="A,B",
        help="only these rows, floors too (default: all models); of every-eval-ever and hub",
    )
    command.add_argument(
        "--organization", type=name, metavar="NAME", help="who ran it; of every-eval-ever"
    )
    command.add_argument(
        "--dataset",
        type=name,
        metavar="OWNER/NAME",
        help="the data set's repository, where the suite is none of the Hub; of hub",
    )
    command.add_argument(
        "--url", type=name, metavar="URL", help="where the run may be looked at; of hub"
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Write the files, print their paths and what they do not say, and return the exit code."""
    from harness.tables.formats import Result, result_text

    exported = _exported(options)
    result = Result(table=exported.parts, csv=exported.csv, json=exported.json)
    print(result_text(result, options), end="")
    return 0


def _exported(options: argparse.Namespace) -> "Exported":
    from pathlib import Path

    from harness.errors import UsageError
    from harness.leaderboard.run_folder import read_run

    of_format = {
        "every-eval-ever": ("models", "organization"),
        "hub": ("models", "dataset", "url"),
    }.get(options.to, ())
    for option in ("models", "organization", "dataset", "url"):
        if getattr(options, option) and option not in of_format:
            raise UsageError(f"--{option}: {options.to} has no room for it; leave it out")
    out = options.out or Path(options.to)
    if (out / "leaderboard.json").is_file():
        raise UsageError(f"--out {out}: is the folder of a run; choose another")
    run_folder = read_run(options.run_folder)
    if options.to == "every-eval-ever":
        from harness.export.every_eval_ever import export_every_eval_ever

        return export_every_eval_ever(run_folder, out, options.models, options.organization)
    if options.to == "hub":
        from harness.export.hub import export_hub

        return export_hub(run_folder, out, options.models, options.dataset, options.url)
    if options.to == "lm-eval":
        from harness.export.lm_eval import export_lm_eval

        return export_lm_eval(run_folder, out)
    from harness.export.data_folder import export_data_folder

    return export_data_folder(run_folder, out)
