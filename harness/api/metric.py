"""A metric from Python: a function of prediction and references, with what it declares."""

import contextlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.files import canonical_json, sha256
from harness.metrics.declaration import Direction, MetricRole
from harness.own_code.loaded import Loaded
from harness.records import TASKS, Task


@dataclass(frozen=True)
class Metric:
    """A pure function of a prediction and its references, or of the article too if it asks for it.

    `name` and `version` are its signature, with a hash of its source where Python knows that: give
    another version to what changed. `low` and `high` are where its scores lie. See
    `harness.metrics.declaration` for `direction` and `role`.
    """

    score: Callable[..., float | None]
    name: str
    version: str = "1"
    low: float = 0.0
    high: float = 1.0
    direction: Direction = "higher"
    role: MetricRole = "gated"
    tasks: Sequence[Task] = TASKS
    partial: bool = False
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How a message names it."""
        return f"the function {getattr(self.score, '__name__', self.name)}"

    @property
    def origin(self) -> str:
        """Where its signature says that it is from."""
        return "function"

    @property
    def fingerprint(self) -> str:
        """One hash over its name, version and source."""
        source = ""
        with contextlib.suppress(OSError, TypeError):
            source = inspect.getsource(self.score)
        return sha256(canonical_json([self.name, self.version, source]))

    def load(self, method: str) -> Loaded:
        """Return what makes the metric itself, as a class in a file would be."""
        loaded = Loaded(self.label)
        loaded.cls = _class_of(self)
        return loaded


def _class_of(metric: Metric) -> type:
    names: dict[str, Any] = {
        name: getattr(metric, name)
        for name in ("name", "version", "low", "high", "direction", "role", "tasks", "partial")
    }
    return type("Function", (), {**names, "score": staticmethod(metric.score)})
