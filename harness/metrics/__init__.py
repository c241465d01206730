"""The metrics of each task: pure functions from (prediction, references) to numbers.

To add a family of metrics, write its class in a file of its own and add its line here.
"""

import hashlib
import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from harness.metrics.declaration import Declaration
from harness.records import Example, Task

if TYPE_CHECKING:
    from harness.metrics.blind_spot import BlindSpot


class Metrics(Protocol):
    """A family of metrics that share their work."""

    @property
    def signatures(self) -> Mapping[str, str]:
        """Each metric's name, and the text that pins everything its numbers depend on."""

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Each metric's range, direction and role, by the same names."""

    @property
    def blind_spot(self) -> "BlindSpot | None":
        """What letters its metrics do not see; `None` if they see all."""

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return each metric's score. No references means that there is nothing to say."""


class BatchMetrics(Metrics, Protocol):
    """A family that is faster, or not slower, over many texts at once."""

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, one after the other."""


class ArticleMetrics(Metrics, Protocol):
    """A family that asks for the article too, for some of its metrics or for all.

    `score` then has those alone that need none. It is for where no article is known, such as the
    canaries.
    """

    def score_with_article(
        self, prediction: str, references: Sequence[str], article: str
    ) -> dict[str, float]:
        """Return each metric's score; a metric that is declared as `partial` may be left out."""


class ExampleMetrics(Metrics, Protocol):
    """A family of which some metrics ask for the whole example, such as the question.

    All other ways to score leave these out.
    """

    def score_of_example(
        self, prediction: str, example: Example, scores: Mapping[str, float]
    ) -> dict[str, float]:
        """Return each such metric's score of a text whose other `scores` are known.

        One that is declared as `partial` may be left out.
        """


# The class and its options. Summaries are scored by the jackknife, so that people, who cannot be
# scored against themselves, are compared with models on the same number of references; a suite has
# the articles too.
FAMILIES: Mapping[Task, tuple[str, Mapping[str, object]]] = {
    "summarize": (
        "harness.metrics.summary:Summary",
        {"references": "jackknife", "articles": True},
    ),
    "answer": ("harness.metrics.answer:Answer", {}),
}

# The number that a task's rows are sorted by, chosen before any model was run.
PRIMARY: Mapping[Task, str] = {"summarize": "rougeLsum", "answer": "f1"}


def metrics(task: Task, options: Mapping[str, object] | None = None) -> Metrics:
    """Return the metrics of a task: a leaderboard's, or made with other options of their class."""
    name, defaults = FAMILIES[task]
    module, _, attribute = name.partition(":")
    arguments = defaults if options is None else options
    family: Metrics = getattr(importlib.import_module(module), attribute)(**arguments)
    return family


def short_signature(signature: str) -> str:
    """Return the short form of a signature: its metric, and 8 digits of its SHA-256.

    >>> short_signature("f1|counts:multiset|harness-1")
    'f1:5a7d8c6e'
    """
    name = signature.partition("|")[0]
    return f"{name}:{hashlib.sha256(signature.encode()).hexdigest()[:8]}"
