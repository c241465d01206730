"""Say of every question that the article does not answer it: the floor where some are so."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.models.model import Model
from harness.records import Prediction, Query, Role, Task


class NoAnswer(Model):
    """Never an answer: right on exactly the unanswerable questions."""

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    role: ClassVar[Role] = "floor"

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the kind; there is nothing else to it."""
        return {"kind": "no-answer", "revision": self.revision}

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return as many refusals."""
        return [Prediction("") for _ in queries]
