"""Which share of a suite one process predicts: whole clusters, by the hashes of their names."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import Self

from harness.errors import UsageError
from harness.records import Example, Scope, Task
from harness.stream import Stream

# A merge lists those that are missing.
MOST_SHARDS = 1_000_000
Examples = Mapping[tuple[Task, Scope], Sequence[Example]]


def shard_of(cluster: str, count: int) -> int:
    """Return the number, from 1, of the shard of so many that a cluster falls to.

    That is one and the remainder of the first 8 bytes of the SHA-256 of its name, as a number, so
    it depends on the name and the count alone.

    >>> [shard_of(name, 4) for name in ("tokyo-visit", "bridge-closed", "harbour-fire")]
    [2, 4, 3]
    """
    return 1 + int.from_bytes(hashlib.sha256(cluster.encode()).digest()[:8]) % count


@dataclass(frozen=True, order=True, slots=True)
class Shard:
    """The `number`-th, from 1, of so many shares of a suite's clusters."""

    number: int
    count: int

    @classmethod
    def named(cls, text: str) -> Self:
        """Return the shard of a text such as 3/16; raise UsageError for what is none.

        >>> Shard.named("3/16")
        Shard(number=3, count=16)
        """
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if match:
            number, count = int(match[1]), int(match[2])
            if 1 <= number <= count <= MOST_SHARDS:
                return cls(number, count)
        raise UsageError(
            f"{text!r} must be NUMBER/COUNT, such as 3/16, with a number from 1 to the count, and "
            f"that up to {MOST_SHARDS:,}"
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has(self, example: Example) -> bool:
        """Return whether an example's cluster falls to this shard."""
        return shard_of(example.cluster, self.count) == self.number

    def share(self, examples: Examples) -> dict[tuple[Task, Scope], Sequence[Example]]:
        """Return those of the examples that fall to this shard, where there are any, in order.

        Of each example a byte is held.
        """
        shares = {kind: self._share(of_kind) for kind, of_kind in examples.items()}
        return {kind: share for kind, share in shares.items() if len(share)}

    def _share(self, examples: Sequence[Example]) -> Sequence[Example]:
        mask = bytes(map(self.has, examples))

        def read(start: int) -> Iterator[Example]:
            return islice(compress(examples, mask), start, None)

        return Stream(sum(mask), read)
