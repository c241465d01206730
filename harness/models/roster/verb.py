"""`harness models`: its options, and what it prints."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from harness.command.data_choice import add_data_options, chosen_data
from harness.command.options import add_roster_option, add_suite_option, names
from harness.tables.formats import add_format_options

if TYPE_CHECKING:
    from harness.tables.formats import Result

DESCRIPTION = (
    "List the models of the roster, and whether their weights are here; or load each (--check), "
    "write commits into the roster (--pin), list the keys that its entries may have (--keys), or "
    "the kinds that there are (--kinds)."
)


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
    command.add_argument(
        "--kinds",
        action="store_true",
        help="list the kinds of model, and the metrics of installed packages, with where each "
        "comes from",
    )
    command.add_argument(
        "--allow-code",
        action="store_true",
        help="run the Python files that the roster names, to see whether they can be used",
    )
    add_suite_option(command)
    add_data_options(command)
    command.add_argument(
        "--check",
        action="store_true",
        help="load each model, one at a time, and ask it the suite's first example of each task; "
        "1 if any fails",
    )
    command.add_argument(
        "--pin",
        action="store_true",
        help="write the commit into the roster in the place of each Hub revision that can move",
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print the models, or the keys of a roster, and return the exit code."""
    from harness.tables.formats import result_text

    if options.check:
        return _check(options)
    if options.kinds:
        result = _kinds()
    elif options.keys is not None:
        result = _keys(options.keys)
    elif options.pin:
        result = _pins(options)
    else:
        result = _models(options)
    print(result_text(result, options), end="")
    return 0


def _keys(name: str) -> "Result":
    """Return the keys of the kind of that name, or of all."""
    from harness.errors import UsageError, did_you_mean
    from harness.models import JUDGE_KINDS, KINDS, is_kind, known_kinds
    from harness.models.roster.keys import roster_markdown, tables
    from harness.tables.formats import Result
    from harness.validation.key_formats import keys_csv, keys_json, keys_markdown, keys_parts

    if name and name not in JUDGE_KINDS and not is_kind(name):
        kinds = [*known_kinds(), *JUDGE_KINDS]
        raise UsageError(f"--keys: there is no kind {name!r}{did_you_mean(name, kinds)}")
    key_tables = tables([name] if name else [*KINDS, *JUDGE_KINDS])
    return Result(
        table=lambda: keys_parts(key_tables),
        csv=lambda: keys_csv(key_tables),
        json=lambda: keys_json(key_tables),
        markdown=lambda: keys_markdown(key_tables) if name else roster_markdown(),
    )


def _kinds() -> "Result":
    """Return the kinds of model and the metrics of packages, with where each comes from."""
    from harness.models.roster.kinds import kinds_csv, kinds_json, kinds_table, listed_kinds
    from harness.tables.formats import Result

    kinds = listed_kinds()
    return Result(
        table=lambda: [kinds_table(kinds)],
        csv=lambda: kinds_csv(kinds),
        json=lambda: kinds_json(kinds),
    )


def _check(options: argparse.Namespace) -> int:
    """Print what comes of each model as it comes; return 1 if any fails."""
    from harness.models.roster.check import (
        check_models,
        check_parts,
        checks_csv,
        checks_json,
        failed_text,
    )
    from harness.models.roster.roster import choose, read_rosters
    from harness.suite.opening import open_suite
    from harness.tables.formats import Result, result_text

    entries = choose(read_rosters(options.roster, options.prompt_folder), options.models)
    checks = []
    suite = open_suite(options.suite, chosen_data(options))
    for check in check_models(entries, suite, allow_code=options.allow_code):
        checks.append(check)
        if options.format == "table":
            shown = Result(table=partial(check_parts, [check]), csv=str, json=str)
            print(result_text(shown, options), end="", flush=True)
    failed = [check for check in checks if check.failed]
    if options.format != "table":
        result = Result(
            table=lambda: check_parts(checks),
            csv=lambda: checks_csv(checks),
            json=lambda: checks_json(checks),
        )
        print(result_text(result, options), end="")
    elif failed:
        print(f"\n{failed_text(checks)}")
    return 1 if failed else 0


def _pins(options: argparse.Namespace) -> "Result":
    from harness.models.roster.pin import pin_roster, pins_csv, pins_json, pins_parts
    from harness.models.roster.roster import roster_path
    from harness.tables.formats import Result

    pins = {str(path): pin_roster(path) for path in map(roster_path, options.roster)}
    return Result(
        table=lambda: pins_parts(pins),
        csv=lambda: pins_csv(pins),
        json=lambda: pins_json(pins),
    )


def _models(options: argparse.Namespace) -> "Result":
    from harness.models.roster.listing import listed_models, models_csv, models_json, models_parts
    from harness.models.roster.roster import choose, import_code, read_judges, read_rosters
    from harness.tables.formats import Result

    entries = choose(read_rosters(options.roster, options.prompt_folder), options.models)
    if options.allow_code:
        import_code(entries)
    models = listed_models(entries)
    if options.models is None:
        judges = read_judges(options.roster, options.prompt_folder)
        models += listed_models(list(judges.values()), judges=True)
    return Result(
        table=lambda: models_parts(models, imported=options.allow_code),
        csv=lambda: models_csv(models),
        json=lambda: models_json(models),
    )
