"""`harness models`: its options, and what it prints."""

import argparse

from harness.options import add_roster_option, names


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
    command.add_argument("--json", action="store_true", help="print JSON, no table")


def run(options: argparse.Namespace) -> int:
    """Print the models, or the keys of a roster, and return the exit code."""
    if options.keys is not None:
        print(_keys(options.keys, options.json))
    else:
        print(_models(options))
    return 0


def _keys(name: str, as_json: bool) -> str:
    import json
    from dataclasses import asdict

    from harness.errors import UsageError, did_you_mean
    from harness.models import KINDS
    from harness.models.roster.keys import roster_markdown, table_markdown, tables

    if name and name not in KINDS:
        raise UsageError(f"--keys: there is no kind {name!r}{did_you_mean(name, list(KINDS))}")
    if as_json:
        return json.dumps(
            [asdict(table) for table in tables([name] if name else [*KINDS])], indent=2
        )
    if not name:
        return roster_markdown().rstrip()
    return "\n".join(table_markdown(table) for table in tables([name])).rstrip()


def _models(options: argparse.Namespace) -> str:
    import json

    from tabulate import tabulate

    from harness.models.roster.roster import choose, read_rosters

    models: list[dict[str, object]] = []
    table: list[list[str]] = []
    entries = read_rosters(options.roster, options.prompt_folder)
    for entry in choose(entries, options.models):
        weights = entry.model.checkpoint
        size = weights.size() if weights else None
        present = weights is None or size is not None
        models.append(
            {
                "model": entry.name,
                "kind": entry.kind,
                "tasks": entry.tasks,
                "weights": weights.label if weights else None,
                "network": entry.model.network,
                "licence": entry.licence,
                "trained_on": [data_set.name for data_set in entry.trained_on],
                "bytes": size,
                "present": present,
            }
        )
        table.append(
            [
                entry.name,
                entry.kind,
                ", ".join(entry.tasks),
                weights.label if weights else "served" if entry.model.network else "none",
                entry.licence or "",
                f"{size / 1e6:.0f} MB" if size else "",
                "yes" if present else "no",
            ]
        )
    if options.json:
        return json.dumps(models, indent=2)
    return tabulate(table, ["model", "kind", "tasks", "weights", "licence", "size", "present"])
