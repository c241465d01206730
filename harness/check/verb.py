"""`harness check`: its options, and what it prints."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.command.data_choice import DataChoice, add_data_options, chosen_data, refuse_choice
from harness.command.options import add_roster_option, add_suite_option, path
from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from harness.check.suite import CheckReport


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness check`."""
    add_suite_option(command)
    add_data_options(command)
    add_roster_option(command)
    command.add_argument(
        "--strict", action="store_true", help="exit with 1 for warnings too, not for errors alone"
    )
    command.add_argument(
        "--schemas",
        type=path,
        metavar="DIR",
        help="check nothing, but write JSON Schemas of all files that people write into DIR, and "
        "print the line that makes an editor complete each",
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Check the goldens, print what was found, and return the exit code."""
    if options.schemas:
        return _schemas(options)
    from harness.check.text import check_csv, check_json, check_markdown, check_parts
    from harness.tables.formats import Result, result_text

    report = _report(options.suite, chosen_data(options), options.roster)
    sound = report.sound(strict=options.strict)
    result = Result(
        table=lambda: check_parts(report),
        csv=lambda: check_csv(report),
        json=lambda: check_json(report, sound=sound),
        markdown=lambda: check_markdown(report),
    )
    print(result_text(result, options), end="")
    return 0 if sound else 1


def _schemas(options: argparse.Namespace) -> int:
    """Write the schemas, and print where, each with the line for its files."""
    from harness.check.schemas import write_schemas
    from harness.tables.cells import csv_text
    from harness.tables.formats import Result, result_text
    from harness.tables.table import Lines

    written = [(str(file), line) for file, line in write_schemas(options.schemas)]
    result = Result(
        table=lambda: [Lines(tuple(f"{file}: {line}" for file, line in written))],
        csv=lambda: csv_text(["path", "line"], written),
        json=lambda: json.dumps([{"path": file, "line": line} for file, line in written]),
    )
    print(result_text(result, options), end="")
    return 0


def _report(name: str, choice: DataChoice, rosters: Sequence[str] | None) -> "CheckReport":
    """Return the report on the suite of that name; paths are told as from here."""
    from harness.check.data_set import check_data_set
    from harness.check.suite import CheckReport, check_suite
    from harness.command.locations import is_data_set, suite_folder
    from harness.models.roster.roster import read_rosters
    from harness.suite.data_set.suite import read_data_set

    if is_data_set(name):
        entries = [*read_rosters(rosters).values()]
        return CheckReport(list(check_data_set(read_data_set(name, choice), entries)), [])
    refuse_choice(name, choice)
    root, working_folder = suite_folder(name).resolve(), Path.cwd()
    return check_suite(
        root.relative_to(working_folder) if root.is_relative_to(working_folder) else root
    )
