"""The first sentences of the article: the floor that news is hard to beat."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from harness.models.model import Model
from harness.records import Prediction, Query, Role, Task
from harness.text import SENTENCE_SPLITTER, sentences


class Lead(Model):
    """The first `sentences` sentences, one a line."""

    can: ClassVar[tuple[Task, ...]] = ("summarize",)
    role: ClassVar[Role] = "floor"

    sentences: Annotated[int, Field(ge=1)] = 3
    """How many sentences to take."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the options and the versions of the rules."""
        return {
            "kind": "lead",
            "revision": self.revision,
            "sentences": self.sentences,
            "splitter": SENTENCE_SPLITTER,
        }

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the leads."""
        return [self._predict(query.context) for query in queries]

    def _predict(self, context: str) -> Prediction:
        return Prediction("\n".join(s.text for s in sentences(context)[: self.sentences]))
