"""What is predicted of a run, as its judges are asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.eval.jobs import Jobs
from harness.eval.outputs import Outputs
from harness.run.engines.engine import Engine
from harness.run.engines.local import LOCAL
from harness.run.shard import Shard
from harness.run.store import Store


@dataclass(frozen=True)
class PredictedRun:
    """A run of which all is predicted, and who asks about it: here, or where `engine` says.

    What judges say is kept in `store`. With a `shard` the outputs are of that alone, and are judged
    as they would be in the whole, of which `jobs` are.
    """

    jobs: Jobs
    outputs: Outputs
    store: Store
    environment: Mapping[str, object]
    engine: Engine = LOCAL
    shard: Shard | None = None
