"""`harness models`: its options, and what it prints."""

import argparse
from typing import TYPE_CHECKING

from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from harness.tables.formats import Result

from harness.command.options import add_roster_option, names


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness models`."""
    add_roster_option(command)
    command.add_argument("--models", type=names, metavar="A,B",
                         help="only these; a name may be a pattern, 'lead*'")  # fmt: skip
    command.add_argument(
        "--keys",
        metavar="KIND",
        nargs="?",
        const="",
        help="list the keys that a roster's entries may have: of one kind, or of all",
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print the models, or the keys of a roster, and return the exit code."""
    from harness.tables.formats import result_text

    result = _keys(options.keys) if options.keys is not None else _models(options)
    print(result_text(result, options), end="")
    return 0


def _keys(name: str) -> "Result":
    """Return the keys of the kind of that name, or of all."""
    from harness.errors import UsageError, did_you_mean
    from harness.models import KINDS
    from harness.models.roster.keys import (
        keys_csv,
        keys_json,
        keys_parts,
        roster_markdown,
        table_markdown,
        tables,
    )
    from harness.tables.formats import Result

    if name and name not in KINDS:
        raise UsageError(f"--keys: there is no kind {name!r}{did_you_mean(name, list(KINDS))}")
    key_tables = tables([name] if name else [*KINDS])
    return Result(
        table=lambda: keys_parts(key_tables),
        csv=lambda: keys_csv(key_tables),
        json=lambda: keys_json(key_tables),
        markdown=lambda: "\n".join(map(table_markdown, key_tables)) if name else roster_markdown(),
    )


def _models(options: argparse.Namespace) -> "Result":
    from harness.models.roster.listing import listed_models, models_csv, models_json, models_table
    from harness.models.roster.roster import choose, read_rosters
    from harness.tables.formats import Result

    entries = read_rosters(options.roster, options.prompt_folder)
    models = listed_models(choose(entries, options.models))
    return Result(
        table=lambda: [models_table(models)],
        csv=lambda: models_csv(models),
        json=lambda: models_json(models),
    )
