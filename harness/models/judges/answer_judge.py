"""A judge that is asked whether a reply bears out a golden answer, as a metric asks it."""

from collections.abc import Sequence
from functools import cached_property

from harness.environment import package_versions
from harness.errors import ModelError
from harness.models.judges.opinion import Opinion
from harness.models.judges.supports import Supports
from harness.models.model import Model
from harness.models.pinned import pinned
from harness.records import Query

# The packages whose versions may change a probability, or into which tokens a text is cut.
_BACKEND = ("torch", "transformers", "tokenizers")


class SupportsAnswers:
    """A judge of the kind `supports`: the reply is its document, the golden answer its claim.

    A reply that is longer than its window is read in parts, of which the best counts.
    """

    def __init__(self, model: Model) -> None:
        """Take over a roster entry's model; its checkpoint is loaded with the first pairs.

        Raises ModelError for a judge of another kind.
        """
        if not isinstance(model, Supports):
            raise ModelError('must be of the kind "supports", whose claims are single sentences')
        self._model = model

    @cached_property
    def signature(self) -> str:
        """What pins its numbers: a hash over weights, adapter and options, and versions.

        Raises ModelError for what is not installed, WeightsError for other weights than the
        roster's.
        """
        identity = self._model.identity("answer")
        return pinned("judge", identity, package_versions(_BACKEND), ("revision", "backend"))

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return how probably each reply bears out its golden answer; raise ModelError."""
        _ = self.signature  # the files are hashed before they are read
        queries = [Query("answer", reply, answer) for reply, answer in pairs]
        with self._model.reading():
            self._model.load()
            predictions = self._model.predict(queries)
        for (_reply, answer), prediction in zip(pairs, predictions, strict=True):
            if prediction.error is not None:
                raise ModelError(f"the answer {answer[:40]!r}: {prediction.error}")
        return [Opinion.read(prediction.text).numbers["support"] for prediction in predictions]
