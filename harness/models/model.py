"""What every kind of model is: options from a roster, an identity, and `predict`."""

import abc
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from harness.models.checkpoint.weights import Weights
from harness.records import Prediction, Query, Role, Task
from harness.requirements import Missing


class Model(BaseModel, abc.ABC):
    """One model, made from the keys of its roster entry; its fields are the keys it takes.

    Making one is cheap and imports no heavy package: `load` does that, once, before the first
    `predict` (see `prepare`). `revision` counts the changes to a kind's code that may change its
    outputs; it is part of the identity, so that an old prediction is never taken for a new one's.
    What a field's docstring says is what `harness models --keys` and ROSTER.md say of the key.
    `one_article` says whether a batch of questions is kept to one article, for kinds that gain
    from reading it once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    _prepared: bool = PrivateAttr(default=False)
    _failure: Exception | None = PrivateAttr(default=None)

    can: ClassVar[tuple[Task, ...]]
    role: ClassVar[Role] = "model"
    revision: ClassVar[int] = 1
    one_article: ClassVar[bool] = True

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What this model can be asked to do, with the options it has."""
        return self.can

    @property
    def checkpoint(self) -> Weights | None:
        """Where the weights come from, `None` for models that have none."""
        return None

    @property
    def missing(self) -> Missing:
        """What it needs that is not installed."""
        return Missing()

    @property
    def network(self) -> str | None:
        """What it sends or fetches over the network, and where; `None` for models that do not."""
        return None

    @abc.abstractmethod
    def identity(self, task: Task) -> Mapping[str, object]:
        """Return all that can change an output for a query, as plain JSON values.

        Imports no heavy package. Raises WeightsError if weights are missing or not the right
        ones.
        """

    def batch_size(self, query: Query) -> int:
        """Return how many queries like this one to give to `predict` at once.

        Each batch is kept when it is done; what a kill costs is one batch.
        """
        return 64

    def generation_settings(self) -> Mapping[str, object]:
        """Return the generation settings that the checkpoint comes with, as far as on this disk."""
        return {}

    def rendered_prompt(self, query: Query) -> str | None:
        """Return the text that the model reads for a query, `None` if it reads no prompt.

        Loads a tokenizer, and no weights.
        """
        return None

    def prepare(self) -> None:
        """Call `load` if it was not called yet; a load that failed is not tried again.

        Raises what `load` raised.
        """
        if not self._prepared:
            self._prepared = True
            try:
                self.load()
            except Exception as error:  # kept, and raised below and at each later call
                self._failure = error
        if self._failure is not None:
            raise self._failure

    def load(self) -> None:
        """Make ready for `predict`: read weights into memory."""

    def unload(self) -> None:
        """Give back what `load` and `predict` hold."""

    @abc.abstractmethod
    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return one prediction for each query, in order. An exception fails the whole batch."""
