"""What shards have not predicted: told by shard, or counted as failed where that is allowed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from harness.errors import DataError
from harness.eval.shards.shard_file import listed_numbers
from harness.progress import warn
from harness.records import Example, Prediction
from harness.run.predict import keyed_chunks
from harness.run.shard import shard_of
from harness.run.store import Store

_TOLD = 8  # so many shards are told of one by one


@dataclass
class Missing:
    """What a united store lacks, by the number of the shard that was to predict it.

    `present` are the shards that were merged, of so many, and `allowed` says whether what is
    missing is kept as failed instead of refused.
    """

    present: Collection[int]
    count: int
    allowed: bool
    lacking: Counter[int] = field(default_factory=Counter)

    def look(
        self,
        examples: Sequence[Example],
        identity: Mapping[str, object],
        store: Store,
        number: int = 1,
    ) -> None:
        """Look for the predictions of examples; where that is allowed, keep the rest as failed."""
        for chunk in keyed_chunks(examples, identity, number):
            known = store.known_keys(key for key, _ in chunk)
            lacking = {key: example for key, example in chunk if key not in known}
            shards = {key: shard_of(e.cluster, self.count) for key, e in lacking.items()}
            self.lacking.update(shards.values())
            if lacking and self.allowed:
                failed = [(key, Prediction("", error=self._reason(shards[key]))) for key in lacking]
                store.put(failed, identity, {})  # of nowhere: nobody made them

    def tell(self, what: str) -> None:
        """Say what is missing; raise DataError where that is not allowed."""
        if not self.lacking:
            return
        shards = sorted(self.lacking)
        parts = [f"{self.lacking[shard]:,} of shard {shard}/{self.count}" for shard in shards]
        if len(parts) > _TOLD:
            rest = listed_numbers(shards[_TOLD:])
            parts[_TOLD:] = [f"more of the shards {rest}"]
        total = f"{self.lacking.total():,} {what} are missing: {', '.join(parts)}"
        if not self.allowed:
            raise DataError(
                f"{total}; run these shards again, which go on where they were, or give "
                "--allow-missing to count them as failed"
            )
        warn(f"{total}; they count as failed")
        self.lacking.clear()

    def _reason(self, shard: int) -> str:
        if shard in self.present:
            return f"not predicted: the shard {shard}/{self.count} was not run to its end"
        return f"not predicted: the shard {shard}/{self.count} is not among those merged"
