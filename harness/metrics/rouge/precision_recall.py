"""Precision, recall and F1 from what matches, of one reference and of several."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Values = tuple[float, float, float]


class Triple(NamedTuple):
    """What ROUGE says of a prediction and a reference, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


def triple(hits: int, ours: int, theirs: int, kind: int) -> Values:
    """Return precision, recall and F1, each operation as in rouge-score's `scoring`.

    `ours` and `theirs` are the words of prediction and reference; an n-gram (`kind` n) begins at
    n - 1 of them less.
    """
    if not hits:
        return 0.0, 0.0, 0.0
    if kind > 1:
        ours -= kind - 1
        theirs -= kind - 1
    precision = hits / ours
    recall = hits / theirs
    return precision, recall, 2 * precision * recall / (precision + recall)


def best(several: Sequence[Values]) -> Values:
    """Return the values with the highest F1, the first of equals.

    >>> best([(0.2, 1.0, 1 / 3), (1.0, 0.5, 2 / 3), (0.5, 1.0, 2 / 3)])[:2]
    (1.0, 0.5)
    """
    return max(several, key=lambda values: values[2])


def mean(several: Sequence[Values]) -> Values:
    """Return the mean of each value."""
    precision, recall, f1 = (sum(values) / len(several) for values in zip(*several, strict=True))
    return precision, recall, f1


def jackknife(several: Sequence[Values]) -> Values:
    """Return the mean, over all references, of the best of the others (Lin 2004, section 2.1)."""
    if len(several) < 2:
        return best(several)
    return mean([best([*several[:at], *several[at + 1 :]]) for at in range(len(several))])


CHOICES: Mapping[str, Callable[[Sequence[Values]], Values]] = {
    "best": best,
    "mean": mean,
    "jackknife": jackknife,
}
