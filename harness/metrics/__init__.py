"""The metrics of each task: pure functions from (prediction, references) to [0, 1].

To add a family of metrics, write its class in a file of its own and add its line here.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from harness.records import Task


class Metrics(Protocol):
    """A family of metrics that share their work."""

    @property
    def signatures(self) -> Mapping[str, str]:
        """Each metric's name, and the text that pins everything its numbers depend on."""

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return each metric's score. No references means that there is nothing to say."""


# The class and its options. Summaries are scored by the jackknife, so that people, who cannot be
# scored against themselves, are compared with models on the same number of references.
FAMILIES: Mapping[Task, tuple[str, Mapping[str, str]]] = {
    "summarize": ("harness.metrics.rouge:Rouge", {"references": "jackknife"}),
    "answer": ("harness.metrics.squad:Squad", {}),
}

# The number that a task's rows are sorted by, chosen before any model was run.
PRIMARY: Mapping[Task, str] = {"summarize": "rougeLsum", "answer": "f1"}


def metrics(task: Task) -> Metrics:
    """Return the metrics of a task."""
    name, options = FAMILIES[task]
    module, _, attribute = name.partition(":")
    made: Metrics = getattr(importlib.import_module(module), attribute)(**options)
    return made
