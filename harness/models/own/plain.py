"""A plain class with `predict`, asked as every kind of model is.

It may return texts in the place of predictions, and may have `load`, `unload` and `batch_size`. It
needs to know nothing of this package.
"""

import contextlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, PrivateAttr

from harness.errors import ModelError
from harness.models.model import Model
from harness.progress import warn
from harness.records import TASKS, Prediction, Query, Task

# As many as a server's reply may have by default. Of several times that scoring is never done.
MOST_CHARACTERS = 1_000_000
# What every kind gives to `predict` at once where the class does not say.
_BATCH = 64


def _plain_json(options: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(options, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError(
            "must be texts, numbers, true or false, and lists and tables of them"
        ) from None
    return options


Options = Annotated[dict[str, Any], AfterValidator(_plain_json)]


class PlainModel(Model):
    """A model made of another class, which its subclasses find."""

    can: ClassVar[tuple[Task, ...]] = TASKS
    one_article: ClassVar[bool] = False

    _instance: object = PrivateAttr(default=None)

    @property
    def label(self) -> str:
        """How messages name the class."""
        raise NotImplementedError

    def make(self) -> object:
        """Return an instance of the class."""
        raise NotImplementedError

    def running(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Return a block in which the class's code runs; what it raises is told as `what`."""
        return contextlib.nullcontext()

    def load(self) -> None:
        """Make the class's instance, and call its `load` if it has one."""
        with self.running("cannot be made"):
            instance = self.make()
        if load := getattr(instance, "load", None):
            with self.running("cannot be loaded"):
                load()
        self._instance = instance

    def unload(self) -> None:
        """Call the class's `unload` if it has one, and forget the instance."""
        unload = getattr(self._instance, "unload", None)
        self._instance = None
        if unload:
            try:
                with self.running("cannot be unloaded"):
                    unload()
            except ModelError as error:  # its predictions are made
                warn(str(error))

    def batch_size(self, query: Query) -> int:
        """Return what the class says, by a number or a method, else 64."""
        size = getattr(self._instance, "batch_size", _BATCH)
        with self.running("batch_size failed"):
            size = size(query) if callable(size) else size
        return size if isinstance(size, int) and size > 0 else 1

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the class's predictions; raise ModelError unless there is one for each query."""
        if self._instance is None:
            self.load()
        predict: Callable[[list[Query]], Any] = self._instance.predict  # type: ignore[attr-defined]
        outputs: list[object] | None = None
        with self.running("predict failed"):
            given = predict(list(queries))
            if given is not None and not isinstance(given, str | bytes | Mapping):
                outputs = list(given)
        if outputs is None:
            raise ModelError(
                f"{self.label}: predict returned {_type_name(given)}; it must return a list with a "
                "text for each query"
            )
        if len(outputs) != len(queries):
            asked = "1 query" if len(queries) == 1 else f"{len(queries)} queries"
            raise ModelError(
                f"{self.label}: predict returned {len(outputs)} outputs for {asked}; it must "
                "return one for each, in their order"
            )
        return [self._prediction(output) for output in outputs]

    def _prediction(self, output: object) -> Prediction:
        message = f"ModelError: {self.label}: predict returned"
        prediction = Prediction(str(output)) if isinstance(output, str) else output
        if not isinstance(prediction, Prediction):
            told = f"{message} {_type_name(output)} for this query; it must be a text, or a "
            return Prediction("", error=f"{told}Prediction")
        if len(prediction.text) > MOST_CHARACTERS:
            told = f"{message} a text of {len(prediction.text):,} characters; the most that are "
            return Prediction("", error=f"{told}scored are {MOST_CHARACTERS:,}")
        return prediction


def refuse_options(cls: type, options: Mapping[str, object], label: str) -> None:
    """Raise ModelError where a class cannot be made with some options."""
    try:
        inspect.signature(cls).bind(**options)
    except TypeError as error:
        raise ModelError(f"{label}: its options do not fit: {error}") from None
    except ValueError:  # a class whose parameters nothing tells
        return


def _type_name(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
