"""What every kind of model is: options from a roster, an identity, and `predict`."""

import abc
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, ClassVar, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationInfo, field_validator

from harness.models.checkpoint.weights import Weights
from harness.models.panic import panics_as_errors
from harness.records import Prediction, Query, Role, Task
from harness.requirements import Missing


@dataclass
class CostLimit:
    """What a run may spend, and what it has spent; its models share one."""

    limit: float
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a query will take of a model, known without its weights; `None` for what is not known.

    `calls` is how often the model is asked for it. `input_tokens` are those of all that it reads,
    rendered, and `max_input_tokens` the most that they can be: the same number, unless the
    tokenizer is a server's. `max_output_tokens` is the most that it may write. `cut` says whether
    it sees less than the whole source.
    """

    calls: int = 1
    input_tokens: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    cut: bool | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded network: torch's name of its device, its number format, and its size.

    `parameters` is as its layers count them: of quantized ones several may share a number.
    `bytes` is what parameters and buffers take.
    """

    device: str
    dtype: str
    parameters: int
    bytes: int


def _plain_types(annotation: Any) -> set[Any]:
    """Return the types that an annotation allows, without what bounds them."""
    if get_origin(annotation) is Annotated:
        return _plain_types(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return {kind for part in get_args(annotation) for kind in _plain_types(part)}
    return {annotation}


class Model(BaseModel, abc.ABC):
    """One model, made from the keys of its roster entry; its fields are the keys it takes.

    Making one is cheap and imports no heavy package: `load` does that, once, before the first
    `predict` (see `prepare`). `revision` counts the changes to a kind's code that may change its
    outputs; it is part of the identity, so that an old prediction is never taken for a new one's.
    What a field's docstring says is what `harness models --keys` and the docs say of the key.
    `one_article` says whether a batch of questions is kept to one article, for kinds that gain
    from reading it once; `served`, that a server is asked, which takes a key perhaps: such a model
    does not leave this process.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """Refuse `true` where a number stands: it would be 1."""
        kinds = _plain_types(cls.model_fields[str(info.field_name)].annotation)
        if isinstance(value, bool) and kinds <= {int, float, type(None)}:
            raise ValueError(f"must be a number, not {str(value).lower()}")
        return value

    _prepared: bool = PrivateAttr(default=False)
    _failure: Exception | None = PrivateAttr(default=None)

    can: ClassVar[tuple[Task, ...]]
    role: ClassVar[Role] = "model"
    revision: ClassVar[int] = 1
    one_article: ClassVar[bool] = True
    served: ClassVar[bool] = False

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

    @property
    def own_files(self) -> Sequence[Path]:
        """The files of Python, not of any package, that it runs."""
        return ()

    def look_at_files(self) -> None:
        """Read those files without running them; raise DataError for what cannot be a model."""

    def import_code(self) -> None:
        """Run those files, where there are any; raise ModelError where that fails."""

    @abc.abstractmethod
    def identity(self, task: Task) -> Mapping[str, object]:
        """Return all that can change an output for a query, as plain JSON values.

        Imports no heavy package. Raises WeightsError if weights are missing or not the right
        ones.
        """

    @property
    def varies(self) -> bool:
        """Whether it may give another text when it is asked the same again."""
        return False

    def for_repeat(self, number: int) -> Self:
        """Return the model as it is asked for the `number`-th time, from 1.

        A kind with a seed takes another each time, which follows from its own and the number.
        """
        return self

    def fresh(self) -> Self:
        """Return the model as its entry describes it: nothing read of any disk, nothing loaded."""
        fresh: Self = _fresh(self)
        return fresh

    def batch_size(self, query: Query) -> int:
        """Return how many queries like this one to give to `predict` at once.

        Each batch is kept when it is done; what a kill costs is one batch.
        """
        return 64

    def output_limit(self, task: Task) -> int | None:
        """Return the most tokens of a text, where its length tells whether the limit ended it.

        `None` for kinds whose predictions say in `finish` how they ended, or that write nothing.
        """
        return None

    def generation_settings(self) -> Mapping[str, object]:
        """Return the generation settings that the checkpoint comes with, as far as on this disk."""
        return {}

    def rendered_prompt(self, query: Query) -> str | None:
        """Return the text that the model reads for a query, `None` if it reads no prompt.

        Loads a tokenizer, and no weights.
        """
        return None

    def readable_prompt(self, rendered: str) -> str:
        """Return what `rendered_prompt` gave as a person reads it."""
        return rendered

    def prepare_estimates(self) -> None:
        """Make ready for `estimate`: read a tokenizer and a configuration, no weights."""

    def estimate(self, query: Query) -> Estimate:
        """Return what a query will take. Raises ModelError for one that cannot be predicted."""
        return Estimate()

    def cost(self, input_tokens: float, output_tokens: float) -> float | None:
        """Return what so many tokens cost by the roster's prices, `None` for what has no price."""
        return None

    def limit_cost(self, limit: CostLimit) -> None:
        """Ask no more than the limit allows: `predict` then raises CostLimitError.

        Does nothing for models that cost nothing. Raises ModelError for one whose cost cannot be
        known.
        """

    def prepare(self) -> None:
        """Call `load` if it was not called yet; a load that failed is not tried again.

        Raises what `load` raised.
        """
        if not self._prepared:
            self._prepared = True
            try:
                with self.reading(), panics_as_errors():
                    self.load()
            except Exception as error:  # kept, and raised below and at each later call
                self._failure = error
        if self._failure is not None:
            raise self._failure

    def reading(self) -> contextlib.AbstractContextManager[None]:
        """Return a block in which to `load` or `predict`, that answers for the files it reads.

        Raises WeightsError, at the beginning or the end, if they are not those of the identity.
        """
        return contextlib.nullcontext()

    def load(self) -> None:
        """Make ready for `predict`: read weights into memory."""

    def loaded(self) -> Loaded | None:
        """Return what was loaded, `None` for models that load no network."""
        return None

    def execution(self) -> Mapping[str, object]:
        """Return how and on what it computes, as part of the environment; after `prepare`.

        What may change an output belongs to the identity.
        """
        return {}

    def unload(self) -> None:
        """Give back what `load` and `predict` hold."""

    @abc.abstractmethod
    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return one prediction for each query, in order. An exception fails the whole batch."""


def _fresh(made: Any) -> Any:
    """Return a model, or the tables of its keys, without what was computed of them and is kept."""
    if not isinstance(made, BaseModel):
        return made
    fields = {name: _fresh(getattr(made, name)) for name in type(made).model_fields}
    return type(made).model_construct(made.model_fields_set, **fields)
