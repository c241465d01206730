"""Predictions to scores."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from harness.errors import MetricError
from harness.metrics import Metrics, metrics
from harness.records import Scored, Task
from harness.run.predict import Predicted
from harness.stream import Stream
from harness.suite.suite import Suite


def family_of(suite: Suite, task: Task) -> Metrics:
    """Return a task's metrics by the rules that the suite is scored by."""
    if task == "answer" and suite.data is not None:
        return metrics(task, {"squad": suite.data.rules})
    return metrics(task)


Unscorable = Callable[[int, MetricError], Mapping[str, float]]


def score(
    predictions: Sequence[Predicted], family: Metrics, unscorable: Unscorable | None = None
) -> Sequence[Scored]:
    """Return each prediction with its scores; a failed prediction has none.

    The scores are kept, 8 bytes each, and the predictions read again whenever what is returned is
    gone through. Raises MetricError, naming the example, for a text that a metric cannot score
    honestly, unless `unscorable` gives scores for the one at that place.
    """
    values = {name: array("d") for name in family.signatures}
    for place, one in enumerate(predictions):
        made = one.stored.prediction
        if made.error is not None:
            scores = dict.fromkeys(values, 0.0)  # never read: see `_read`
        else:
            try:
                scores = family.score(made.text, one.example.references)
            except MetricError as error:
                if unscorable is None:
                    raise MetricError(f"{one.example.id}: {error}") from None
                scores = dict(unscorable(place, error))
        for name, kept in values.items():
            kept.append(scores.get(name, 0.0))
    return Stream(len(predictions), lambda start: _read(predictions, values, start))


def _read(
    predictions: Sequence[Predicted], values: dict[str, "array[float]"], start: int
) -> Iterator[Scored]:
    for i, one in enumerate(islice(predictions, start, None), start):
        made = one.stored.prediction
        failed = made.error is not None
        scores = {} if failed else {name: kept[i] for name, kept in values.items()}
        yield Scored(one.example, one.key, made, one.cached, scores, one.stored.environment)
