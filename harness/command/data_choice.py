"""What a command line says of a data set: which column is what, and what becomes of bad rows."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from harness.errors import UsageError

Role = Literal["article", "reference", "question", "answers", "id", "cluster"]
ROLES: tuple[Role, ...] = get_args(Role)

# What several columns may be.
SEVERAL: tuple[Role, ...] = ("reference",)


@dataclass(frozen=True)
class DataChoice:
    """The columns that were named, by what they are, and whether bad rows are left out.

    A name with dots is one of a column within a column. What a run has `recorded` was told when the
    run was made, and needs not be told again.
    """

    columns: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    skip_bad_rows: bool = False
    recorded: bool = field(default=False, compare=False)

    def __bool__(self) -> bool:
        """Return whether anything was said."""
        return bool(self.columns) or self.skip_bad_rows

    @property
    def options(self) -> list[str]:
        """The options of a command line that say the same."""
        options = [
            word
            for role, names in self.columns.items()
            for name in names
            for word in ("--column", f"{role}={name}")
        ]
        return [*options, *(["--skip-bad-rows"] if self.skip_bad_rows else [])]


NOTHING_CHOSEN = DataChoice()


def add_data_options(command: argparse.ArgumentParser) -> None:
    """Add the options of data sets to a verb that reads a suite."""
    data = command.add_argument_group("data sets")
    data.add_argument("--column", type=_column, metavar="ROLE=NAME", action="append", default=[],
                      help="of a data set, the column that is the article, reference, question, "
                      "answers, id or cluster (what belongs together in the statistics), with dots "
                      "for one within another; may be given several times (default: found by the "
                      "names that the field uses)")  # fmt: skip
    data.add_argument("--skip-bad-rows", action="store_true",
                      help="leave rows out that cannot be read, count and list them (default: the "
                      "first is an error)")  # fmt: skip


def chosen_data(options: argparse.Namespace) -> DataChoice:
    """Return what a command line said; raise UsageError for two columns where one is meant."""
    columns: dict[Role, tuple[str, ...]] = {}
    for role, name in options.column:
        if role in columns and role not in SEVERAL:
            raise UsageError(
                f"--column {role}={name}: the {role} is {columns[role][0]!r} already; only "
                f"{' and '.join(SEVERAL)} may be several columns"
            )
        columns[role] = (*columns.get(role, ()), name)
    return DataChoice(columns, options.skip_bad_rows)


def refuse_choice(suite: str, choice: DataChoice) -> None:
    """Raise UsageError for what was said of a data set where the suite is none."""
    if choice:
        raise UsageError(
            f"{choice.options[0]}: is of a data set, and --suite {suite} is none; leave it out"
        )


def _column(text: str) -> tuple[Role, str]:
    role, _, name = text.partition("=")
    for known in ROLES:
        if role == known and name:
            return known, name
    raise argparse.ArgumentTypeError(
        f"must be ROLE=NAME, with a role of {', '.join(ROLES)} (the article is the text, of "
        f"questions too), not {text!r}"
    )
