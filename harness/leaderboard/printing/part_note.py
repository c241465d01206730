"""That a run is of a part of its suite: how much of what there is, and how it was chosen."""

import shlex
from collections.abc import Iterator

from harness.leaderboard.suite_line import SuiteLine
from harness.records import Scope, Task
from harness.tables.table import Note


def part_notes(suite: SuiteLine, task: Task, scope: Scope) -> Iterator[Note]:
    """Yield a warning where a task was asked on a part of the suite's examples."""
    asked = suite.asked_of(task, scope)
    if asked is None or not asked.is_part:
        return
    noun = "event" if scope == "event" else suite.data.clusters if suite.data else "article"
    selection = suite.selection
    text = (
        f"Part of the suite: {asked.examples:,} of {asked.suite_examples:,} examples, on "
        f"{asked.clusters:,} of {asked.suite_clusters:,} {noun}s: {shlex.join(selection.options)}."
    )
    if selection.limit is not None:
        text += f" The first ones are no sample; --sample draws whole {noun}s."
    yield Note(text, "warning")
