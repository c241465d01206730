"""What a row scores by each reference alone, where people wrote several."""

from collections.abc import Iterable, Sequence
from itertools import islice
from statistics import fmean

from harness.metrics import Metrics
from harness.metrics.scorer import score_pairs
from harness.records import Example, Role, ScoredPrediction

_CHUNK = 256  # texts that are scored at once


def several_references(examples: Iterable[Example]) -> int:
    """Return how many references all examples have, 0 if some has no more than one."""
    fewest = None
    for example in examples:
        fewest = min(len(example.references), fewest or len(example.references))
        if fewest < 2:
            return 0
    return fewest or 0


def means_by_reference(
    role: Role,
    scored: Iterable[ScoredPrediction],
    overlap: Metrics,
    references: int,
) -> list[float]:
    """Return the mean of a ROUGE metric by the first reference alone, by the second, and so on.

    `overlap` is of that metric alone, and `references` is how many all examples have, 0 if some has
    only one. People's is that of the other references, each held against the one, their mean. Empty
    where there is nothing to tell.
    """
    if not references:
        return []
    (metric,) = overlap.signatures
    totals, count = [0.0] * references, 0
    items = (item for item in scored if item.scores)
    while chunk := list(islice(items, _CHUNK)):
        count += len(chunk)
        for place in range(references):
            pairs, sizes = [], []
            for item in chunk:
                reference = item.example.references[place]
                texts = _texts(role, item, place)
                pairs += [(text, [reference]) for text in texts]
                sizes.append(len(texts))
            scores = iter(score_pairs(overlap, pairs, lambda i: f"pair {i}"))
            totals[place] += sum(fmean(next(scores)[metric] for _ in range(size)) for size in sizes)
    return [total / count for total in totals] if count else []


def _texts(role: Role, item: ScoredPrediction, place: int) -> Sequence[str]:
    if role != "people":
        return item.texts
    references = item.example.references
    return [*references[:place], *references[place + 1 :]]
