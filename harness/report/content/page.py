"""The whole page as data: a group for each task and scope, how the run was made, what changed.

The records stand in `harness.report.content`; the examples' texts are in chunks of their own, and a
group's index has what is needed to list, sort and filter its examples without them.
"""

from harness.report.content.comparison import Comparison
from harness.report.content.example import ChunkFile
from harness.report.content.group import Group
from harness.report.content.part import Part
from harness.report.content.provenance import How

SCHEMA_VERSION = 1


class Page(Part):
    """All of the page but the examples' texts."""

    schema_version: int
    """1. It grows when a field changes its meaning or goes."""
    title: str
    """The suite's name."""
    run: str
    """The run, as it was named."""
    groups: tuple[Group, ...]
    """One for each task and scope."""
    how: How
    """How it was made."""
    comparison: Comparison | None
    """What changed, of two runs; the groups are then the head's."""
    chunk_files: tuple[ChunkFile, ...]
    """The chunks that stand beside the page; empty if they are in it."""
