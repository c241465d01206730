"""A metric of one's own: a class with `score`, and what it declares of its numbers.

    class Brevity:
        version = 1
        low, high = 0.0, 1.0        # where scores lie; 0 and 1 if not said
        direction = "higher"        # or "lower", or "neither"
        role = "gated"              # or "ranked", or "shown"
        tasks = ("summarize",)      # both if not said

        def score(self, prediction, references, article):   # `article` only if it is asked for
            return min(1.0, 20 / max(1, len(prediction.split())))

It must be a pure function: of one text it says the same each time.
"""

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.errors import MetricError, ModelError, UsageError
from harness.metrics.declaration import Declaration
from harness.own_code.code import Code
from harness.own_code.file import parse_own_code
from harness.own_code.installed import InstalledCode, installed
from harness.records import TASKS, Task

METHOD = "score"
# How a class's numbers are taken; it grows when that changes.
_REVISION = 1


class OwnMetric:
    """A metric that was loaded: its name, what it declares, and its scores."""

    def __init__(self, source: Code, name: str | None = None) -> None:
        """Run the file; `name` goes before the class's own. Raises MetricError on one line."""
        self.source = source
        try:
            self._loaded = source.load(METHOD)
            with self._loaded.running("cannot be made"):
                self._instance: Any = self._loaded.cls(**source.options)
                parameters = inspect.signature(self._instance.score).parameters
        except ModelError as error:
            raise MetricError(f"the metric {error}") from None
        self.name = name or str(getattr(self._instance, "name", self._loaded.cls.__name__))
        self.asks_article = "article" in parameters
        self.tasks: tuple[Task, ...] = self._tasks()
        self.declaration = self._declaration()
        self._version = str(getattr(self._instance, "version", 1))
        if "|" in self.name + self._version or not self.name:
            raise MetricError(f"the metric {source.label}: its name and version may have no '|'")

    @property
    def label(self) -> str:
        """How a message names where it is from."""
        return self.source.label

    @property
    def signature(self) -> str:
        """What pins its numbers: name, version, options, and the hash of its files or package."""
        options = json.dumps(self.source.options, sort_keys=True) if self.source.options else ""
        parts = [self.name, "own", f"version:{self._version}", self.source.origin]
        parts += [f"options:{options.replace('|', '/')}"] if options else []
        return "|".join([*parts, f"sha256:{self.source.fingerprint[:16]}", f"own-{_REVISION}"])

    def scores(
        self,
        predictions: Iterable[str],
        references: Iterable[Sequence[str]],
        articles: Iterable[str] | None,
    ) -> list[float | None]:
        """Return the score of each prediction, `None` of one that a partial metric has none for.

        Raises MetricError, as `check_ranges` does, for what is no number and what it raises.
        """
        scores: list[float | None] = []
        try:
            with self._loaded.running("failed"):
                if self.asks_article:
                    if articles is None:
                        return []
                    triples = zip(predictions, references, articles, strict=True)
                    given = [
                        self._instance.score(text, list(accepted), article=article)
                        for text, accepted, article in triples
                    ]
                else:
                    pairs = zip(predictions, references, strict=True)
                    given = [self._instance.score(text, list(accepted)) for text, accepted in pairs]
        except ModelError as error:
            raise MetricError(f"{self.name}: {error}") from None
        for value in given:
            if value is None and self.declaration.partial:
                scores.append(None)
                continue
            try:
                scores.append(float(value))
            except (TypeError, ValueError):
                raise MetricError(
                    f"{self.name}: {self.source.label}: score returned {value!r}, no number"
                ) from None
        return scores

    def _tasks(self) -> tuple[Task, ...]:
        given = getattr(self._instance, "tasks", TASKS)
        tasks = tuple(task for task in TASKS if task in given)
        if not tasks or set(given) - set(TASKS):
            raise MetricError(
                f"the metric {self.source.label}: its tasks must be of {' and '.join(TASKS)}"
            )
        return tasks

    def _declaration(self) -> Declaration:
        asked: Mapping[str, Any] = {
            key: getattr(self._instance, key)
            for key in ("low", "high", "direction", "role", "partial")
            if hasattr(self._instance, key)
        }
        for key, known in (
            ("direction", ("higher", "lower", "neither")),
            ("role", ("ranked", "gated", "shown")),
        ):
            if key in asked and asked[key] not in known:
                raise MetricError(
                    f"the metric {self.source.label}: its {key} must be of {', '.join(known)}, not "
                    f"{asked[key]!r}"
                )
        usual = {"role": "shown"} if asked.get("direction") == "neither" else {}
        try:
            return Declaration(**{"role": "gated", **usual, **asked})
        except (TypeError, ValueError) as error:
            raise MetricError(f"the metric {self.source.label}: {error}") from None


def named_metric(text: str, option: str, group: str) -> Code:
    """Return what FILE:CLASS names, or the name of an installed metric; raise UsageError."""
    offered = installed(group) if ":" not in text else {}
    if text in offered:
        return InstalledCode(offered[text])
    if ":" not in text and offered:
        raise UsageError(
            f"{option} {text}: no installed package has such a metric; there are "
            f"{', '.join(offered)}, or give FILE:CLASS"
        )
    return parse_own_code(text, option, "score")
