"""Which texts go through a network together."""

from collections.abc import Iterator, Sequence


def length_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield the rows of texts of nearly one length, the shortest first and the longest last.

    A batch has at most `budget` tokens, padding included, or is one text.

    >>> list(length_batches([5, 2, 2, 3], 6))
    [[1, 2], [3], [0]]
    """
    rows = sorted(range(len(lengths)), key=lambda row: lengths[row])
    batch: list[int] = []
    for row in rows:
        if batch and (len(batch) + 1) * lengths[row] > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
