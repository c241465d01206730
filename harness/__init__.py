"""An evaluation harness for summarizers and extractive question-answering models.

The public names are here; everything heavy is imported when it is first used.
"""

from typing import TYPE_CHECKING

from harness.errors import (
    DataError,
    HarnessError,
    MetricError,
    ModelError,
    StoreError,
    UsageError,
    WeightsError,
)

if TYPE_CHECKING:
    from harness.api.evaluate import evaluate
    from harness.api.metric import Metric
    from harness.api.model import Model
    from harness.api.run import Run, read_run
    from harness.api.suite import Suite, open_suite
    from harness.metrics.scorer import Scorer, Scores, score
    from harness.records import Prediction, Query

__all__ = [
    "DataError",
    "HarnessError",
    "Metric",
    "MetricError",
    "Model",
    "ModelError",
    "Prediction",
    "Query",
    "Run",
    "Scorer",
    "Scores",
    "StoreError",
    "Suite",
    "UsageError",
    "WeightsError",
    "evaluate",
    "open_suite",
    "read_run",
    "score",
]

_PLACES = {
    "evaluate": "harness.api.evaluate",
    "Metric": "harness.api.metric",
    "Model": "harness.api.model",
    **dict.fromkeys(("Run", "read_run"), "harness.api.run"),
    **dict.fromkeys(("Suite", "open_suite"), "harness.api.suite"),
    **dict.fromkeys(("Scorer", "Scores", "score"), "harness.metrics.scorer"),
    **dict.fromkeys(("Prediction", "Query"), "harness.records"),
}

if not TYPE_CHECKING:  # so that mypy still knows which names there are

    def __getattr__(name: str) -> object:
        """Return a public name, imported only now: what it needs, errors do not."""
        if name in _PLACES:
            import importlib

            return getattr(importlib.import_module(_PLACES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
