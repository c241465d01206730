"""The turn of a roster's judges in a run: what each is asked, and what it took."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.eval.jobs import Jobs
from harness.eval.judges.predicted import PredictedRun
from harness.eval.judges.reader_turn import failure_text, judged_texts, say_judged
from harness.eval.outputs import Outputs
from harness.eval.predicting import shown_progress
from harness.judging.judge import Judged, judge
from harness.judging.opinions.panel import AnswerOfExample, Panel, PanelJudge, panel
from harness.leaderboard.judge_line import JudgeFacts, JudgeLine
from harness.metrics.options import MetricOptions
from harness.records import Example, Scope, Task
from harness.run.scoring import suite_metrics
from harness.suite.suite import Suite


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
            JudgeLine.of_judge(judge, self.judged[judge.name], self.panel.measures_of(measures))
            for judge, measures in zip(self.judges, self.panel.judges, strict=True)
        ]

    @property
    def failures(self) -> list[str]:
        """Which judgments failed, a line a judge."""
        lines = [failure_text(name, judged) for name, judged in self.judged.items()]
        return [line for line in lines if line is not None]


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
    named = [
        PanelJudge(judge.name, judge.kind, judge.identity, judge.most_pairs) for judge in judges
    ]
    return panel(named, examples, english)


def ask_panel(run: PredictedRun) -> PanelTurn | None:
    """Return what the judges say of summaries and answers; `None` where there are no judges.

    Each claim on an article is judged once, whoever makes it. Raises CostLimitError.
    """
    jobs = run.jobs
    if not jobs.judges:
        return None
    judges = judge_facts(jobs)
    asked = panel_of(judges, jobs.suite, jobs.examples, run.outputs.options)
    if run.shard:
        asked = asked.share(run.shard)
    texts = list(judged_texts(run.outputs, asked.people.examples))
    answers = answers_to_judge(asked, run.outputs)
    by_judge: dict[str, Judged] = {}
    for entry, measures in zip(jobs.judges, asked.judges, strict=True):
        examples = asked.asked(measures, texts, answers)
        name = f"judging by {entry.name}"
        started = time.perf_counter()
        with shown_progress(name, "claim", len(examples)) as progress:
            judged = judge(entry, examples, run.store, run.environment, progress, run.engine)
        entry.model.unload()
        say_judged(name, "claims judged", judged, time.perf_counter() - started)
        by_judge[entry.name] = judged
        asked = asked.with_judgments(entry.name, judged.judgments)
    return PanelTurn(judges, asked, by_judge)


def answers_to_judge(panel: Panel, outputs: Outputs) -> list[AnswerOfExample]:
    """Return the answers that match no golden answer exactly, of questions that have some.

    None if no judge of the panel is asked what answers mean.
    """
    return list(_unmatched(outputs)) if panel.meanings else []


def _unmatched(outputs: Outputs) -> Iterator[AnswerOfExample]:
    family = suite_metrics(outputs.suite, "answer", outputs.options)
    for (_, task, _), row in outputs.predictions.items():
        for item in row if task == "answer" else ():
            for part in (item, *item.repeats):
                prediction, references = part.stored.prediction, part.example.references
                if prediction.error is not None or not references:
                    continue
                if family.score(prediction.text, references)["exact_match"] != 1:
                    yield part.example, prediction.text
