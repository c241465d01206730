"""What the code says of itself, written into the pages as they are built: it cannot be out of date.

A page has the line `<!-- written from the code: NAME -->` where it belongs. To write something
else into a page, add a function that returns Markdown to `PARTS`.
"""

import argparse
import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from unittest.mock import patch

from harness.cli import command_parser
from harness.command.settings import KEYS
from harness.models.roster.keys import roster_markdown
from harness.prompting.keys import prompt_markdown
from harness.suite.data_set.known import known_sets
from harness.suite.keys import suite_markdown
from harness.tables.markdown import markdown_table
from harness.tables.table import Column

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_MARK = re.compile(r"^<!-- written from the code: (.+) -->$", re.MULTILINE)
WIDTH = 80


def verbs() -> Mapping[str, argparse.ArgumentParser]:
    """Return the parser of `harness` itself as "", and of each verb, in the order of its help."""
    parser = command_parser()
    (commands,) = (
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    return {"": parser, **commands.choices}


def help_markdown() -> str:
    """Return what `harness --help` and each verb's `--help` print, 80 columns wide."""
    with patch.dict(os.environ, {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}):
        texts = {f"harness {name}".strip(): verb.format_help() for name, verb in verbs().items()}
    return "\n".join(f"## {name}\n\n```text\n{text}```\n" for name, text in texts.items())


def settings_markdown() -> str:
    """Return the keys of harness.toml, each with an example."""
    rows = [[f"`{key}`", meaning, f"`{example}`"] for key, (meaning, example) in KEYS.items()]
    return markdown_table(
        [Column(name, align="left") for name in ("key", "meaning", "example")], rows
    )


def known_markdown() -> str:
    """Return the data sets that ship described: where they are, and what is known of each."""
    columns = ("name", "on the Hub", "tried", "licence", "traps")
    rows = [
        [
            f"`{name}`",
            f"`{keys.hub}{f':{keys.config}' if keys.config else ''}`",
            "yes" if keys.tried else "no",
            keys.licence or "",
            " ".join(keys.traps),
        ]
        for name, keys in known_sets().items()
    ]
    return markdown_table([Column(header, align="left") for header in columns], rows)


def _one_level_down(markdown: str) -> str:
    return re.sub("^#", "##", markdown, flags=re.MULTILINE)


PARTS: Mapping[str, Callable[[], str]] = {
    "the help of every command": help_markdown,
    "the keys of a suite": lambda: _one_level_down(suite_markdown()),
    "the keys of a prompt": lambda: _one_level_down(prompt_markdown()),
    "the keys of a roster": lambda: _one_level_down(roster_markdown()),
    "the keys of harness.toml": settings_markdown,
    "the data sets that ship described": known_markdown,
}


def write_parts(page: str) -> str:
    """Return a page with what is written from the code in its place; KeyError for no such part."""
    return _MARK.sub(lambda mark: PARTS[mark[1]](), page)


def _on_source_read(_: "Sphinx", __: str, source: list[str]) -> None:
    source[0] = write_parts(source[0])


def setup(app: "Sphinx") -> dict[str, bool]:
    """Connect it: Sphinx calls this."""
    app.connect("source-read", _on_source_read)
    return {"parallel_read_safe": True}
