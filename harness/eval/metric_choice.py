"""Which metrics a run is scored by, and what is to be known of them before it begins."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from harness.errors import UsageError
from harness.eval.jobs import Jobs
from harness.leaderboard.assembly import primary_metrics
from harness.metrics import Metrics
from harness.metrics.blind_spot import UNSPACED, LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.options import USUAL, MetricOptions
from harness.models.roster.encoders import with_encoder
from harness.progress import warn
from harness.records import Task
from harness.run.scoring import as_published, suite_metrics, unseen_letters


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
