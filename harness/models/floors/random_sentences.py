"""Sentences drawn at random: what a summary is worth that knows nothing."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from harness.files import sha256
from harness.models.model import Model
from harness.records import Prediction, Query, Role, Task
from harness.text import SENTENCE_SPLITTER, sentences


class RandomSentences(Model):
    """`sentences` sentences drawn without replacement, in the article's order, one a line.

    The draw depends on the seed and the sentences alone: not on the order of the articles, nor
    on a random generator that another version of Python might change.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize",)
    role: ClassVar[Role] = "floor"

    sentences: Annotated[int, Field(ge=1)] = 3
    """How many sentences to draw."""
    seed: int = 0
    """Another seed gives another draw."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the options and the versions of the rules."""
        return {
            "kind": "random",
            "revision": self.revision,
            "sentences": self.sentences,
            "seed": self.seed,
            "splitter": SENTENCE_SPLITTER,
        }

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the draws."""
        return [self._predict(query.context) for query in queries]

    def _predict(self, context: str) -> Prediction:
        spans = sentences(context)
        lots = [sha256(f"{self.seed}\n{i}\n{s.text}") for i, s in enumerate(spans)]
        drawn = sorted(range(len(spans)), key=lots.__getitem__)[: self.sentences]
        return Prediction("\n".join(spans[i].text for i in sorted(drawn)))
