"""A kind of model as a user adds one: it weighs an answer against none, and says how much."""

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import PrivateAttr

from harness.models.model import Model
from harness.records import Prediction, Query, Task


class ThresholdModel(Model):
    """Knows what each thing of `squads.many` is called, and doubts some of it by its number.

    It keeps silent where the probability of no answer is above `threshold`. With a `gate` all
    batches but the first wait until there is such a file: who stops it there is never too late.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    threshold: float = 0.5
    gate: Path | None = None

    _begun: bool = PrivateAttr(default=False)

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the options."""
        return {"kind": "weighing", "revision": self.revision, "threshold": self.threshold}

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return what the things are called."""
        while self._begun and self.gate is not None and not self.gate.exists():
            time.sleep(0.01)
        self._begun = True
        return [self._one(query) for query in queries]

    def _one(self, query: Query) -> Prediction:
        (number,) = map(int, re.findall(r"\d+", query.question or ""))
        raw = f"name{number}" if number % 5 else f"it is name{number}"
        doubt = (number * 7 % 11) / 11 * (0.5 if number % 3 else 1.0)
        silent = doubt > self.threshold
        return Prediction("" if silent else raw, raw=raw, no_answer_probability=doubt)
