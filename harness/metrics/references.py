"""Several references: what is scored against each of them, and which score counts."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Literal, get_args

from harness.errors import MetricError

ReferenceRule = Literal["best", "mean", "jackknife"]


def mean(scores: Sequence[float]) -> float:
    """Return the mean, the same to the last bit in every version of Python."""
    return math.fsum(scores) / len(scores)


def jackknife(scores: Sequence[float]) -> float:
    """Return the mean, over all references, of the best of the others (Lin 2004, section 2.1).

    >>> jackknife([0.25, 0.5, 1.0]) == (1.0 + 1.0 + 0.5) / 3
    True
    """
    if len(scores) < 2:
        return max(scores)
    return mean([max([*scores[:i], *scores[i + 1 :]]) for i in range(len(scores))])


_RULES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "best": max,
    "mean": mean,
    "jackknife": jackknife,
}


def rule_of_references(name: str) -> Callable[[Sequence[float]], float]:
    """Return what makes one score of those against each reference; raise MetricError."""
    if name not in _RULES:
        raise MetricError(f"references={name!r} is none of {', '.join(get_args(ReferenceRule))}")
    return _RULES[name]


def scored_items(
    predictions: Iterable[str], references: Iterable[Sequence[str]]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each prediction with its references.

    Raises MetricError where there are none, or one text in the place of a list, and where one
    stream ends before the other.
    """
    for prediction, accepted in zip_longest(predictions, references):
        if prediction is None or accepted is None:
            more, fewer = "predictions", "lists of references"
            if prediction is None:
                more, fewer = fewer, more
            raise MetricError(f"there are more {more} than {fewer}; give one for each")
        if isinstance(accepted, str):
            raise MetricError(f"references are a list of texts, not one: {accepted[:40]!r}")
        if not accepted:
            raise MetricError(f"no reference to score {prediction[:40]!r} against")
        yield prediction, accepted
