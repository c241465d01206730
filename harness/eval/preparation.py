"""What is settled before the first model runs: metrics, costs, and where it runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harness.environment import environment, thread_count
from harness.errors import CostLimitError, UsageError
from harness.eval.jobs import Jobs
from harness.judging.weights import QuestionWeights
from harness.leaderboard.assembly import primary_metrics
from harness.metrics import Metrics
from harness.metrics.blind_spot import UNSPACED, LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.options import USUAL, MetricOptions
from harness.models.model import CostLimit
from harness.models.roster.encoders import with_encoder
from harness.models.roster.roster import note_network
from harness.progress import note, warn
from harness.records import Task
from harness.run.repeats import times_asked
from harness.run.scoring import as_published, suite_metrics, unseen_letters


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
    asked = {entry.name: entry for entry in (*jobs.entries, jobs.reader.entry) if entry}
    if max_cost is not None:
        for entry in asked.values():
            entry.model.limit_cost(cost_limit)
    options, families = choose_metrics(jobs, options, rosters)
    note_asked_once(jobs, repeats)
    note_network(list(asked.values()))
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


def choose_metrics(
    jobs: Jobs,
    options: MetricOptions = USUAL,
    rosters: Sequence[str | Path] | None = None,
) -> tuple[MetricOptions, dict[Task, Metrics]]:
    """Return the options with what the suite says, and the metrics of each task that is run.

    Warns of letters of the goldens that the metrics do not see, and raises DataError where they are
    too many; so too for a primary metric that there is not, UsageError for options of another task,
    MetricError for a broken metric, and what `with_encoder` raises. `rosters` may have BERTScore's
    encoder.
    """
    suite, examples = jobs.suite, jobs.examples
    tasks = {
        task: [scope_examples for (name, _), scope_examples in examples.items() if name == task]
        for task, _ in examples
    }
    for task, flags in options.of_no_task(tasks).items():
        what = "summaries" if task == "summarize" else "answers"
        raise UsageError(
            f"no {what} are scored, and {', '.join(flags)} is of {what} alone; leave it out"
        )
    for task, name in suite.chosen_primary.items():
        if task not in tasks:
            raise UsageError(f"--primary {task}={name}: no {task} is run here; leave it out")
    options = options.in_language(suite.language)
    if "summarize" in tasks:
        options = with_encoder(options.with_further(suite.further, suite.encoder), rosters)
        options = as_published(suite, options)
    primary_metrics(suite, tasks, options)  # a metric that there is not is raised here
    families = {task: suite_metrics(suite, task, options) for task in tasks}
    for warning in suite.warnings:
        warn(warning)
    _warn_of_whole_articles(jobs)
    for task, family in families.items():
        check_canaries(task, family)
        if told := unseen_letters(suite, chain.from_iterable(tasks[task]), family):
            warn(told)
    return options, families


def _warn_of_whole_articles(jobs: Jobs) -> None:
    """Say which models answer with whole words where words have no spaces between them."""
    growing = [
        entry.name
        for entry in jobs.entries
        if "answer" in entry.tasks and getattr(entry.model, "align_to_words", False)
    ]
    letters = LetterTally(UNSPACED)
    for (task, _), found in jobs.examples.items():
        for example in found if growing and task == "answer" else ():
            letters.add(example.references)
    for name in growing if letters.refusal else ():
        warn(
            f"{name}: its answers grow to whole words, and in a script without spaces a word may "
            "be the whole article; unless its tokenizer parts characters, set align_to_words = "
            "false"
        )
