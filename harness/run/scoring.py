"""Predictions to scores."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from statistics import fmean

from harness.errors import DataError, MetricError
from harness.metrics import Metrics
from harness.metrics.blind_spot import LetterTally
from harness.metrics.options import USUAL, MetricOptions, task_metrics
from harness.metrics.scorer import check_ranges
from harness.records import Example, Repeat, ScoredPrediction, Task
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


# What a text that cannot be scored is to have: of the prediction at a place, made the n-th time.
Unscorable = Callable[[int, int, MetricError], Mapping[str, float]]
_Values = Sequence[Mapping[str, "array[float]"]]


def score(
    predictions: Sequence[Predicted], family: Metrics, unscorable: Unscorable | None = None
) -> Sequence[ScoredPrediction]:
    """Return each prediction with its scores; a failed prediction has none.

    The scores are kept, 8 bytes each, and the predictions read again whenever what is returned is
    gone through. Of one with repeats each is scored, and the scores are their means. Raises
    MetricError, naming the example, for a text that a metric cannot score honestly, unless
    `unscorable` gives scores for the one at that place.
    """
    values: list[dict[str, array[float]]] = []  # of the n-th time, by metric
    for index, predicted in enumerate(predictions):
        for place, part in enumerate((predicted, *predicted.repeats)):
            if place == len(values):
                values.append({metric: array("d") for metric in family.signatures})
            prediction = part.stored.prediction
            if prediction.error is not None:
                scores = dict.fromkeys(family.signatures, 0.0)  # never read: see `_part_scores`
            else:
                try:
                    scores = family.score(prediction.text, predicted.example.references)
                    check_ranges(family, scores)
                except MetricError as error:
                    if unscorable is None:
                        raise MetricError(f"{predicted.example.id}: {error}") from None
                    scores = dict(unscorable(index, part.number, error))
            for metric, metric_values in values[place].items():
                missing = index - len(metric_values)  # of examples that were asked less often
                metric_values.extend([0.0] * missing)
                metric_values.append(scores.get(metric, 0.0))
    return Stream(len(predictions), lambda start: _read_scored(predictions, values, start))


def _read_scored(
    predictions: Sequence[Predicted], values: _Values, start: int
) -> Iterator[ScoredPrediction]:
    for index, predicted in enumerate(islice(predictions, start, None), start):
        own_scores = _part_scores(predicted, values, 0, index)
        repeats = tuple(
            Repeat(
                part.number,
                part.key,
                part.stored.prediction,
                part.cached,
                _part_scores(part, values, place, index),
                part.stored.environment,
            )
            for place, part in enumerate(predicted.repeats, start=1)
        )
        scored = [scores for scores in (own_scores, *(r.scores for r in repeats)) if scores]
        yield ScoredPrediction(
            predicted.example,
            predicted.key,
            predicted.stored.prediction,
            predicted.cached,
            _means(scored) if len(scored) > 1 else own_scores,
            predicted.stored.environment,
            predicted.number,
            own_scores if repeats else {},
            repeats,
        )


def _part_scores(part: Predicted, values: _Values, place: int, index: int) -> Mapping[str, float]:
    if part.stored.prediction.error is not None:
        return {}
    return {metric: metric_values[index] for metric, metric_values in values[place].items()}


def _means(scored: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {metric: fmean(scores[metric] for scores in scored) for metric in scored[0]}
