"""Data sets that ship described, in `datasets.toml`: which of their columns is what, and traps."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from harness.command.locations import KNOWN
from harness.errors import DataError, UsageError, did_you_mean
from harness.files import read_toml_with_lines
from harness.suite.data_set.description import DataKeys, HubName
from harness.suite.data_set.source import COMMIT, Source, no_commit
from harness.suite.manifest import Identifier
from harness.validation.validation import validate
from harness.validation.wording import Text

FILE = Path(__file__).parent / "datasets.toml"

_NAME = re.compile(
    r"(?P<name>[\w.-]+)(?::(?P<config>[\w.-]+))?(?:@(?P<revision>[^#@]*))?(?:#(?P<split>\w+))?"
)


class KnownSet(DataKeys):
    """A data set of the Hub that ships described."""

    hub: Annotated[HubName, Field(examples=["abisee/cnn_dailymail"])]
    """Its name on the Hub."""
    tried: bool
    """Whether a file of this layout is run by the tests."""
    traps: tuple[Text, ...] = ()
    """What is known to go wrong with it."""


_KNOWN = TypeAdapter(dict[Identifier, KnownSet])


@functools.cache
def known_sets() -> Mapping[str, KnownSet]:
    """Return the data sets that ship described, by name."""
    content, lines = read_toml_with_lines(FILE)
    return validate(_KNOWN, content, FILE, lines)


def read_known(text: str) -> tuple[Source, KnownSet]:
    """Return where a set is that `known:NAME@COMMIT` names, and what is known of it.

    A configuration and a split go before those that are described. Raises UsageError for a name
    that is not known, DataError without a commit.
    """
    match = _NAME.fullmatch(text.removeprefix(KNOWN))
    name = match["name"] if match else text.removeprefix(KNOWN)
    known = known_sets()
    if match is None or name not in known:
        raise UsageError(
            f"--suite {text}: no data set {name!r} is described{did_you_mean(name, [*known])}"
        )
    keys = known[name]
    revision = match["revision"]
    if revision is None:
        part = f"#{match['split']}" if match["split"] else ""
        raise DataError(
            f"--suite {text}: lacks the commit, without which the data could change unseen: "
            f"{text.removesuffix(part)}@COMMIT{part}; take one that the Hub shows of {keys.hub} "
            "under Files, History"
        )
    if not COMMIT.fullmatch(revision):
        raise DataError(f"--suite {text}: {no_commit(revision)}")
    config, split = match["config"] or keys.config, match["split"] or keys.split
    return Source(None, keys.hub, config, revision, split), keys
