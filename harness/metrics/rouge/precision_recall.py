"""Precision, recall and F1 from what matches, of one reference and of several."""

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

ScoreTriple = tuple[float, float, float]


class PrecisionRecallF1(NamedTuple):
    """What ROUGE says of a prediction and a reference, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


def precision_recall_f1(
    matches: int, prediction_words: int, reference_words: int, kind: int
) -> ScoreTriple:
    """Return precision, recall and F1, each operation as in rouge-score's `scoring`.

    `prediction_words` and `reference_words` are how many words they have; an n-gram (`kind` n)
    begins at n - 1 of them less.
    """
    if not matches:
        return 0.0, 0.0, 0.0
    if kind > 1:
        prediction_words -= kind - 1
        reference_words -= kind - 1
    precision = matches / prediction_words
    recall = matches / reference_words
    return precision, recall, 2 * precision * recall / (precision + recall)


def best(scores: Sequence[ScoreTriple]) -> ScoreTriple:
    """Return the values with the highest F1, the first of equals.

    >>> best([(0.2, 1.0, 1 / 3), (1.0, 0.5, 2 / 3), (0.5, 1.0, 2 / 3)])[:2]
    (1.0, 0.5)
    """
    return max(scores, key=lambda values: values[2])


def mean(scores: Sequence[ScoreTriple]) -> ScoreTriple:
    """Return the mean of each value, the same to the last bit in every version of Python.

    From 3.12 on `sum` compensates for what rounding loses, and gives other last bits.
    """
    totals = (functools.reduce(operator.add, values) for values in zip(*scores, strict=True))
    precision, recall, f1 = (total / len(scores) for total in totals)
    return precision, recall, f1


def jackknife(scores: Sequence[ScoreTriple]) -> ScoreTriple:
    """Return the mean, over all references, of the best of the others (Lin 2004, section 2.1)."""
    if len(scores) < 2:
        return best(scores)
    return mean([best([*scores[:i], *scores[i + 1 :]]) for i in range(len(scores))])


REFERENCE_AGGREGATIONS: Mapping[str, Callable[[Sequence[ScoreTriple]], ScoreTriple]] = {
    "best": best,
    "mean": mean,
    "jackknife": jackknife,
}
