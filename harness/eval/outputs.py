"""What a run has made of a suite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.leaderboard.prediction_lines import RowKey
from harness.metrics.options import MetricOptions
from harness.records import Example, Scope, Task
from harness.run.predict import Predicted
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Outputs:
    """The examples that were asked, and all that was made of them, to be judged and scored.

    `predictions` are the models' and floors', in the order of the roster; `oracles` are the
    oracle's summaries. `options` are those of the metrics.
    """

    suite: Suite
    examples: Mapping[tuple[Task, Scope], Sequence[Example]]
    options: MetricOptions
    predictions: Mapping[RowKey, Sequence[Predicted]]
    oracles: Mapping[Scope, Sequence[str]]
