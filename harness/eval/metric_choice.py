"""The metrics of a run: by its options and its suite, refused where they cannot see the texts."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.eval.jobs import Jobs
from harness.eval.own_code import import_code
from harness.leaderboard.assembly import primary_metrics
from harness.metrics import Metrics
from harness.metrics.blind_spot import UNSPACED, LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.options import FURTHER_OF_TASK, USUAL, MetricOptions
from harness.models.roster.encoders import with_answer_judge, with_encoder
from harness.progress import warn
from harness.records import Task
from harness.run.scoring import as_published, suite_metrics, suite_rouge, unseen_letters


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
    options = import_code(jobs, options)
    tasks = dict.fromkeys(task for task, _ in examples)
    for task, flags in options.of_no_task(tasks).items():
        what = "summaries" if task == "summarize" else "answers"
        raise UsageError(
            f"no {what} are scored, and {', '.join(flags)} is of {what} alone; leave it out"
        )
    options = options.in_language(suite.language)
    further = [name for name in suite.further if any(name in FURTHER_OF_TASK[t] for t in tasks)]
    options = options.with_further(further, suite.encoder)
    if "answer" in tasks:
        options = with_answer_judge(options, rosters)
    if "summarize" in tasks:
        options = with_encoder(options, rosters)
        options = as_published(suite, options)
    primary_metrics(suite, tasks, options)  # a metric that there is not is raised here
    families = {task: suite_metrics(suite, task, options) for task in tasks}
    for warning in suite.warnings:
        warn(warning)
    _warn_of_whole_articles(jobs)
    for task, family in families.items():
        check_canaries(task, family)
        counted = jobs.counted_letters(task)
        if told := unseen_letters(suite, jobs.references(task), family, counted):
            warn(told)
    if "summarize" in tasks:
        _refuse_unseen_references(jobs, options)
        _refuse_wordless_articles(jobs)
    return options, families


def _refuse_wordless_articles(jobs: Jobs) -> None:
    """Raise DataError for an article that has no word to bear out a summary.

    The measures would, when all models have run.
    """
    for (task, _), examples in jobs.examples.items():
        if task == "summarize" and (example := jobs.suite.first_wordless(examples)):
            raise DataError(
                f"{example.id}: its article has no word, so no summary of it can be scored; "
                "drop it, or run `harness check` for all such"
            )


def _refuse_unseen_references(jobs: Jobs, options: MetricOptions) -> None:
    """Raise MetricError for a reference that ROUGE sees no letter of.

    The oracle would, when all models have run.
    """
    overlap = suite_rouge(jobs.suite, options, "best", ("rouge1",))
    if counted := jobs.counted_letters("summarize"):
        if counted.first_unseen is not None:
            overlap.refuse_unseen(counted.first_unseen)
        return
    for reference in chain.from_iterable(jobs.references("summarize")):
        overlap.refuse_unseen(reference)


def _warn_of_whole_articles(jobs: Jobs) -> None:
    """Say which models answer with whole words where words have no spaces between them."""
    growing = [
        entry.name
        for entry in jobs.entries
        if "answer" in entry.tasks and getattr(entry.model, "align_to_words", False)
    ]
    letters = LetterTally(UNSPACED)
    for references in jobs.references("answer") if growing else ():
        letters.add(references)
    for name in growing if letters.refusal else ():
        warn(
            f"{name}: its answers grow to whole words, and in a script without spaces a word may "
            "be the whole article; unless its tokenizer parts characters, set align_to_words = "
            "false"
        )
