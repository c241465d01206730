"""The reader's turn in a run: which texts it is asked about, and what follows from its answers."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.eval.jobs import Jobs
from harness.eval.judges.predicted import PredictedRun
from harness.eval.outputs import Outputs
from harness.eval.predicting import finished_text, shown_progress
from harness.judging.inquiry import Inquiry, inquiry
from harness.judging.judge import Judged, derived_examples, judge
from harness.judging.judgment_lines import OUTPUT, JudgedText
from harness.judging.sources import sources
from harness.judging.weights import QuestionWeights
from harness.leaderboard.judge_line import JudgeLine, ReaderFacts
from harness.metrics.ceiling import ORACLE, PEOPLE
from harness.progress import say
from harness.records import Example, Scope, Task
from harness.run.repeats import times_asked

NO_QUESTION = "the suite has no question that an article answers"


@dataclass(frozen=True)
class Judging:
    """A reader, what it said of a run's summaries, and the measures over that."""

    reader: ReaderFacts
    inquiry: Inquiry
    judged: Judged

    @property
    def line(self) -> JudgeLine:
        """What the leaderboard says of the reader."""
        return JudgeLine.of(self.reader, self.judged, self.inquiry)

    @property
    def failure(self) -> str | None:
        """Which judgments failed, in a line; `None` if none did."""
        return failure_text(self.reader.name, self.judged)


def failure_text(judge: str, judged: Judged) -> str | None:
    """Return which of a judge's judgments failed, in a line; `None` if none did."""
    failures = judged.failures
    if not failures:
        return None
    return (
        f"judging by {judge}: {len(failures)} of {judged.calls} judgments failed, and what needs "
        f"them is in no mean; the first: {failures[0].error}"
    )


def say_judged(name: str, done: str, judged: Judged, seconds: float) -> None:
    """Say what became of a judge's judgments, if any was made."""
    if judged.cached < judged.calls:
        failed = len(judged.failures)
        say(finished_text(name, done, judged.calls, judged.cached, failed, seconds))


def judge_summaries(
    run: PredictedRun, weigh: QuestionWeights | None = None
) -> Judging | str | None:
    """Return what the reader says of all summaries: the models', the oracle's and people's.

    Or why nobody is asked; `None` where nobody was to be. `weigh` is how questions weigh, alike if
    it is `None`. Raises CostLimitError, and WorkersError.
    """
    jobs = run.jobs
    reader = jobs.reader.entry
    if reader is None:
        return jobs.reader.absent
    facts, options = ReaderFacts.of(reader), run.outputs.options
    asked = inquiry(jobs.suite, jobs.examples, facts.identity, options, weigh=weigh is not None)
    if not asked.has_answerable:
        return NO_QUESTION
    if run.shard:
        asked = asked.share(run.shard, summaries_of(run.outputs.examples))
    answered = [
        scope
        for entry in jobs.entries
        for task, scope, _ in jobs.of(entry)
        if (entry.name, task) == (reader.name, "answer")
    ]
    texts = judged_summaries(run.outputs, asked.people.examples)
    questions = derived_examples(asked, texts, answered)
    name = f"judging by {reader.name}"
    started = time.perf_counter()
    with shown_progress(name, "question", len(questions)) as progress:
        told = judge(reader, questions, run.store, run.environment, progress, run.engine)
    reader.model.unload()
    say_judged(name, "questions answered", told, time.perf_counter() - started)
    return Judging(facts, asked.with_judgments(told.judgments), told)


def most_judgments(jobs: Jobs, repeats: int = 1) -> int:
    """Return how many questions a reader is asked at most: all texts and leads are taken to differ.

    Each article is asked about itself and about nothing, and each of its texts with its lead.
    """
    texts = [example.article.text for example in most_texts(jobs, repeats)]
    known = sources(jobs.suite, jobs.examples)
    of_judge = sum(2 * len(source.questions) for source in known.values())
    return of_judge + sum(
        len(known[text].questions) + len(known[text].answerable) for text in texts if text in known
    )


def most_texts(jobs: Jobs, repeats: int = 1) -> list[Example]:
    """Return the example of each text that judges are asked about, if all texts differ."""
    texts = [
        example
        for entry in jobs.entries
        for task, _, task_examples in jobs.of(entry)
        if task == "summarize"
        for example in task_examples
        for _ in range(times_asked(entry.model, repeats))
    ]
    for (task, _), task_examples in jobs.examples.items():
        if task == "summarize":  # the oracle's, people's, and each of theirs made worse
            for example in task_examples:
                texts += [example] * (1 + 2 * len(example.references))
    return texts


def summaries_of(
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
) -> Iterator[Example]:
    """Yield the examples of summaries."""
    for (task, _), task_examples in examples.items():
        if task == "summarize":
            yield from task_examples


def judged_summaries(outputs: Outputs, people: Sequence[Example]) -> Iterator[tuple[str, str]]:
    """Yield each summary with the text of its article."""
    for _, example, _, _, text in judged_texts(outputs, people):
        yield text, example.article.text


def judged_texts(outputs: Outputs, people: Sequence[Example]) -> Iterator[JudgedText]:
    """Yield each summary: the models', the oracle's and people's."""
    for (model, task, _), row in outputs.predictions.items():
        if task == "summarize":
            for item in row:
                for part in (item, *item.repeats):
                    prediction = part.stored.prediction
                    if prediction.error is None:
                        yield model, part.example, OUTPUT, part.number, prediction.text
    for scope, texts in outputs.oracles.items():
        for example, text in zip(outputs.examples["summarize", scope], texts, strict=True):
            yield ORACLE, example, OUTPUT, 1, text
    for example in people:
        for number, reference in enumerate(example.references, start=1):
            yield PEOPLE, example, f"reference:{number}", 1, reference
