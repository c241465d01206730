"""What is predicted of a run, as its judges are asked about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.eval.jobs import Jobs
from harness.leaderboard.prediction_lines import RowKey
from harness.metrics.options import MetricOptions
from harness.records import Scope
from harness.run.engines.engine import Engine
from harness.run.engines.local import LOCAL
from harness.run.predict import Predicted
from harness.run.store import Store


@dataclass(frozen=True)
class PredictedRun:
    """A run of which all is predicted, and who asks about it: here, or where `engine` says.

    `oracles` are the oracle's summaries; what judges say is kept in `store`.
    """

    jobs: Jobs
    options: MetricOptions
    predictions: Mapping[RowKey, Sequence[Predicted]]
    oracles: Mapping[Scope, Sequence[str]]
    store: Store
    environment: Mapping[str, object]
    engine: Engine = LOCAL
