"""What is settled before the first model runs: metrics, costs, and where it runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.environment import environment, thread_count
from harness.errors import CostLimitError, UsageError
from harness.eval.jobs import Jobs
from harness.eval.metric_choice import choose_metrics
from harness.judging.weights import QuestionWeights
from harness.metrics import Metrics
from harness.metrics.options import USUAL, MetricOptions
from harness.models.model import CostLimit
from harness.models.roster.roster import note_network
from harness.progress import note
from harness.records import Task
from harness.run.repeats import times_asked


@dataclass(frozen=True)
class Preparation:
    """How a run is scored, what it may cost, how often models are asked, and where it runs."""

    options: MetricOptions
    families: Mapping[Task, Metrics]
    cost_limit: CostLimit
    repeats: int
    environment: Mapping[str, object]

    def stopped(self, error: CostLimitError) -> CostLimitError:
        """Return the error of a run that has stopped at its limit, with what it has left."""
        limit, left = self.cost_limit.limit, self.cost_limit.limit - self.cost_limit.spent
        return CostLimitError(
            f"stopped before --max-cost {limit:g} could be passed: {error} predictions; {left:.4g} "
            "is left; all that was predicted is kept, and no leaderboard is made of a part: run "
            "again with more to go on"
        )


def prepare(
    jobs: Jobs,
    rosters: Sequence[str | Path] | None = None,
    options: MetricOptions = USUAL,
    max_cost: float | None = None,
    repeats: int = 1,
    question_weights: QuestionWeights | None = None,
) -> Preparation:
    """Settle it, and say what is to be known; raise what `choose_metrics` does, and UsageError.

    The arguments are those of `harness.eval.evaluate.evaluate`.
    """
    if question_weights is not None and jobs.reader.entry is None:
        raise UsageError("--question-weights: no reader is asked about summaries; leave it out")
    cost_limit = CostLimit(math.inf if max_cost is None else max_cost)
    if max_cost is not None:
        for entry in jobs.asked:
            entry.model.limit_cost(cost_limit)
    options, families = choose_metrics(jobs, options, rosters)
    note_asked_once(jobs, repeats)
    note_network(jobs.asked)
    return Preparation(options, families, cost_limit, repeats, environment(thread_count()))


def note_asked_once(jobs: Jobs, repeats: int) -> None:
    """Say which models are asked once all the same, since they always say the same."""
    names = [
        entry.name
        for entry in jobs.entries
        if entry.model.role == "model" and times_asked(entry.model, repeats) < repeats
    ]
    if names:
        note(f"--repeats {repeats}: {', '.join(names)} say the same each time, and are asked once")
    elif repeats > 1 and not any(entry.model.varies for entry in jobs.entries):
        note(f"--repeats {repeats}: floors say the same each time, and are asked once")
