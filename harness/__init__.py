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
    from harness.metrics.scorer import Scorer, Scores, score

__all__ = [
    "DataError",
    "HarnessError",
    "MetricError",
    from harness.records import Prediction, Query
    "ModelError",
    "Scorer",
    "Scores",
    "StoreError",
    "Metric",
    "UsageError",
    "Model",
    "WeightsError",
    "Prediction",
    "Query",
    "Run",
    "score",
]

    "Suite",
if not TYPE_CHECKING:  # so that mypy still knows which names there are

    def __getattr__(name: str) -> object:
        """Return what scores texts, imported only now: metrics need packages that errors do not."""
        if name in ("Scorer", "Scores", "score"):
            import harness.metrics.scorer

            return getattr(harness.metrics.scorer, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
