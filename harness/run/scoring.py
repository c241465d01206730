"""Predictions to scores."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from harness.errors import DataError, MetricError
from harness.metrics import Metrics
from harness.metrics.blind_spot import LetterTally
from harness.metrics.options import USUAL, MetricOptions, task_metrics
from harness.metrics.scorer import check_ranges
from harness.records import Example, ScoredPrediction, Task
from harness.run.predict import Predicted
from harness.stream import Stream
from harness.suite.suite import Suite


def suite_metrics(suite: Suite, task: Task, options: MetricOptions = USUAL) -> Metrics:
    """Return a task's metrics by the rules that the suite is scored by, and what was chosen."""
    if task == "answer" and suite.data is not None:
        return task_metrics(task, options, squad=suite.data.rules)
    return task_metrics(task, options)


def unseen_letters(suite: Suite, examples: Iterable[Example], family: Metrics) -> str | None:
    """Return what is to be known of the letters of the references that the metrics do not see.

    `None` if they are too few to speak of. Raises DataError where they are too many.
    """
    spot = family.blind_spot
    letters = LetterTally(spot)
    for example in examples:
        letters.add(example.references)
    if refusal := letters.refusal:
        raise DataError(f"{suite.id}: {refusal}")
    share = letters.share
    return f"{suite.id}: {spot.of_references(share)}" if spot and share else None


Unscorable = Callable[[int, MetricError], Mapping[str, float]]


def score(
    predictions: Sequence[Predicted], family: Metrics, unscorable: Unscorable | None = None
) -> Sequence[ScoredPrediction]:
    """Return each prediction with its scores; a failed prediction has none.

    The scores are kept, 8 bytes each, and the predictions read again whenever what is returned is
    gone through. Raises MetricError, naming the example, for a text that a metric cannot score
    honestly, unless `unscorable` gives scores for the one at that place.
    """
    values = {metric: array("d") for metric in family.signatures}
    for index, predicted in enumerate(predictions):
        prediction = predicted.stored.prediction
        if prediction.error is not None:
            scores = dict.fromkeys(values, 0.0)  # never read: see `_read_scored`
        else:
            try:
                scores = family.score(prediction.text, predicted.example.references)
                check_ranges(family, scores)
            except MetricError as error:
                if unscorable is None:
                    raise MetricError(f"{predicted.example.id}: {error}") from None
                scores = dict(unscorable(index, error))
        for metric, metric_values in values.items():
            metric_values.append(scores.get(metric, 0.0))
    return Stream(len(predictions), lambda start: _read_scored(predictions, values, start))


def _read_scored(
    predictions: Sequence[Predicted], values: dict[str, "array[float]"], start: int
) -> Iterator[ScoredPrediction]:
    for index, predicted in enumerate(islice(predictions, start, None), start):
        prediction = predicted.stored.prediction
        failed = prediction.error is not None
        scores = (
            {}
            if failed
            else {metric: metric_values[index] for metric, metric_values in values.items()}
        )
        yield ScoredPrediction(
            predicted.example,
            predicted.key,
            prediction,
            predicted.cached,
            scores,
            predicted.stored.environment,
        )
