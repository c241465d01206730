"""An evaluation harness for summarizers and extractive question-answering models.

The public names are here; everything heavy is imported when it is first used.
"""

from harness.errors import (
    DataError,
    HarnessError,
    MetricError,
    ModelError,
    StoreError,
    UsageError,
    WeightsError,
)

__all__ = [
    "DataError",
    "HarnessError",
    "MetricError",
    "ModelError",
    "StoreError",
    "UsageError",
    "WeightsError",
]
