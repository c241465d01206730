"""How much goes through a model together: a number of tokens, halved when memory runs out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from harness.models.checkpoint.memory import release_memory
from harness.models.decoding.waiting import Waiting

Item = TypeVar("Item")
Result = TypeVar("Result")

# What allocators say; torch has a class of its own for CUDA alone.
_OUT_OF_MEMORY_MESSAGES = ("can't allocate memory", "not enough memory", "out of memory")


class TokenBudget:
    """The most tokens of a batch: as many as given, until memory does not hold them."""

    def __init__(self, tokens: int) -> None:
        """Start with so many tokens, of whatever the cost of a batch counts."""
        self.tokens = tokens

    def run_batches(
        self,
        work: Callable[[Sequence[Item]], Iterable[tuple[int, Result]]],
        items: Iterator[Item],
        cost: Callable[[Sequence[Item]], int],
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Yield each item and what `work` makes of it, or why it makes nothing, as they are done.

        Items are taken when their batch begins. `work` gives each one's place in its batch and its
        result, in any order; `cost` is a batch's tokens, and grows with each item. What fails with
        others is tried again without. Of what memory does not hold half is tried, and no more in
        the batches after it.
        """
        waiting = Waiting(items)
        one_by_one = 0
        while waiting:
            batch = [waiting.take()]
            while not one_by_one and waiting and cost([*batch, waiting.first]) <= self.tokens:
                batch.append(waiting.take())
            one_by_one = max(0, one_by_one - 1)
            under_way = dict(enumerate(batch))
            failure: Exception | None = None
            try:
                for place, result in work(batch):
                    yield under_way.pop(place), result
            except Exception as error:  # an item's failure, or memory's
                failure = error.with_traceback(None)  # which holds what is to be released
            if failure is None:
                continue
            release_memory()
            rest = list(under_way.values())
            if len(batch) == 1:
                yield batch[0], failure
            else:
                waiting.put_back(rest)
                if out_of_memory(failure):
                    self.tokens = cost(rest[: max(1, len(rest) // 2)])
                else:
                    one_by_one = len(rest)


def out_of_memory(error: Exception) -> bool:
    """Return whether an error says that there is no memory left: on a CPU or a GPU.

    >>> out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."))
    True
    >>> out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    False
    """
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(
        message in text for message in _OUT_OF_MEMORY_MESSAGES
    )
