"""The turn of a roster's judges in a run: what each is asked, and what it took."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.eval.jobs import Jobs
from harness.eval.judges.predicted import PredictedRun
from harness.eval.judges.reader_turn import failure_text, judged_texts, most_texts, say_judged
from harness.eval.predicting import shown_progress
from harness.judging.judge import Judged, judge
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.opinions.panel import JudgedExample, Panel, panel
from harness.leaderboard.judge_line import JudgeFacts, JudgeLine
from harness.metrics.options import MetricOptions
from harness.models.roster.roster import Entry
from harness.records import Example, Scope, Task
from harness.run.scoring import suite_metrics
from harness.suite.suite import Suite

# So many references of a scope are looked at to tell what judges will take.
_SAMPLED = 20


@dataclass(frozen=True)
class PanelTurn:
    """The judges of a run, what each said by its name, and the measures over that."""

    judges: Sequence[JudgeFacts]
    panel: Panel
    judged: Mapping[str, Judged]

    @property
    def lines(self) -> list[JudgeLine]:
        """What the leaderboard says of each judge."""
        return [
            JudgeLine.of_judge(judge, self.judged[judge.name], list(measures.declarations))
            for judge, measures in zip(self.judges, self.panel.judges, strict=True)
        ]

    @property
    def failures(self) -> list[str]:
        """Which judgments failed, a line a judge."""
        lines = [failure_text(name, judged) for name, judged in self.judged.items()]
        return [line for line in lines if line is not None]


@dataclass(frozen=True, slots=True)
class PanelEstimate:
    """What asking a judge would take: how many texts at most, and about how much for them.

    The texts are not made yet, so calls and tokens are as for the first of the references; `None`
    where the judge is not on this disk. What is stored is not taken off.
    """

    judge: str
    texts: int
    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None


def panel_estimates(jobs: Jobs, repeats: int = 1) -> list[PanelEstimate]:
    """Return what asking each judge of the jobs would take; no weights are read."""
    texts = len(most_texts(jobs, repeats))
    sample = [
        (example, example.references[0])
        for (task, _), examples in jobs.examples.items()
        if task == "summarize"
        for example in examples[:_SAMPLED]
        if example.references
    ]
    return [_estimate(entry, texts, sample) for entry in jobs.judges]


def _estimate(entry: Entry, texts: int, sample: Sequence[JudgedExample]) -> PanelEstimate:
    model = entry.model
    weights = model.checkpoint
    if not sample or (weights is not None and not weights.is_here()):
        return PanelEstimate(entry.name, texts)
    measures = OpinionMeasures(entry.name, entry.kind, model.identity("answer"))
    model.prepare_estimates()
    calls, read, written = 0, 0, 0
    for example, text in sample:
        for claim in measures.asked(text, example.article.text):
            calls += 1
            try:
                estimate = model.estimate(claim.query)
            except HarnessError:  # a claim that cannot be judged is a failed judgment
                continue
            read += estimate.input_tokens or 0
            written += estimate.max_output_tokens or 0
    model.unload()
    times = texts / len(sample)
    return PanelEstimate(
        entry.name,
        texts,
        round(calls * times),
        round((read + written) * times),
        model.cost(read * times, written * times),
    )


def judge_facts(jobs: Jobs) -> list[JudgeFacts]:
    """Return what is known of the judges, before any is asked."""
    summarizing = [entry for entry in jobs.entries if "summarize" in entry.tasks]
    return [JudgeFacts.of_judge(judge, summarizing) for judge in jobs.judges]


def panel_of(
    judges: Sequence[JudgeFacts],
    suite: Suite,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    options: MetricOptions,
) -> Panel:
    """Return the panel of the judges of a run, of which `examples` are all."""
    english = "unsupported" in suite_metrics(suite, "summarize", options).signatures
    named = [(judge.name, judge.kind, judge.identity) for judge in judges]
    return panel(named, examples, english)


def ask_panel(run: PredictedRun) -> PanelTurn | None:
    """Return what the judges say of all summaries; `None` where there are no judges.

    Each claim on an article is judged once, whoever makes it. Raises CostLimitError.
    """
    jobs = run.jobs
    if not jobs.judges:
        return None
    judges = judge_facts(jobs)
    asked = panel_of(judges, jobs.suite, jobs.examples, run.options)
    if run.shard:
        asked = asked.share(run.shard)
    texts = list(judged_texts(run.examples, run.predictions, run.oracles, asked.people.examples))
    by_judge: dict[str, Judged] = {}
    for entry, measures in zip(jobs.judges, asked.judges, strict=True):
        examples = asked.asked(measures, texts)
        name = f"judging by {entry.name}"
        started = time.perf_counter()
        with shown_progress(name, "claim", len(examples)) as progress:
            judged = judge(entry, examples, run.store, run.environment, progress, run.engine)
        entry.model.unload()
        say_judged(name, "claims judged", judged, time.perf_counter() - started)
        by_judge[entry.name] = judged
        asked = asked.with_judgments(entry.name, judged.judgments)
    return PanelTurn(judges, asked, by_judge)
