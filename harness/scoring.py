"""Predictions to scores."""

from collections.abc import Iterable

from harness.errors import MetricError
from harness.metrics import Metrics
from harness.predict import Predicted
from harness.records import Scored


def score(predictions: Iterable[Predicted], metrics: Metrics) -> list[Scored]:
    """Return each prediction with its scores; a failed prediction has none.

    Raises MetricError, naming the example, for a text that a metric cannot score honestly.
    """
    scored = []
    for one in predictions:
        made = one.stored.prediction
        try:
            scores = {} if made.error else metrics.score(made.text, one.example.references)
        except MetricError as error:
            raise MetricError(f"{one.example.id}: {error}") from None
        scored.append(Scored(one.example, one.key, made, one.cached, scores))
    return scored
