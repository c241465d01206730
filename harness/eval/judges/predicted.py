"""What is predicted of a run, as its judges are asked about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.eval.jobs import Jobs
from harness.leaderboard.prediction_lines import RowKey
from harness.metrics.options import MetricOptions
from harness.records import Example, Scope, Task
from harness.run.engines.engine import Engine
from harness.run.engines.local import LOCAL
from harness.run.predict import Predicted
from harness.run.shard import Shard
from harness.run.store import Store


@dataclass(frozen=True)
class PredictedRun:
    """A run of which all is predicted, and who asks about it: here, or where `engine` says.

    `oracles` are the oracle's summaries; what judges say is kept in `store`. With a `shard`
    predictions and oracles are of that alone, and its texts are judged as they would be in the
    whole, of which `jobs` are.
    """

    jobs: Jobs
    options: MetricOptions
    predictions: Mapping[RowKey, Sequence[Predicted]]
    oracles: Mapping[Scope, Sequence[str]]
    store: Store
    environment: Mapping[str, object]
    engine: Engine = LOCAL
    shard: Shard | None = None

    @property
    def examples(self) -> Mapping[tuple[Task, Scope], Sequence[Example]]:
        """What was predicted."""
        return self.shard.share(self.jobs.examples) if self.shard else self.jobs.examples
