"""`harness articles`: its options, and what it prints."""

import argparse

from harness.command.data_choice import add_data_options, chosen_data
from harness.command.options import add_suite_option
from harness.tables.formats import add_format_options


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness articles`."""
    add_suite_option(command)
    add_data_options(command)
    command.add_argument("id", metavar="ID", nargs="?", help="print this article's cleaned text")
    command.add_argument(
        "--removed", action="store_true", help="print what cleaning removed from it, and why"
    )
    add_format_options(command)


def run(options: argparse.Namespace) -> int:
    """Print the articles, or one of them, and return the exit code."""
    from harness.suite.listing import listing
    from harness.tables.formats import result_text

    listed = listing(options.suite, options.id, options.removed, chosen_data(options))
    print(result_text(listed, options), end="")
    return 0
