"""The turn of a roster's judges in a run: what each is asked, and what it took."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.eval.judges.predicted import PredictedRun
from harness.eval.judges.reader_turn import failure_text, judged_texts, say_judged
from harness.eval.predicting import shown_progress
from harness.judging.judge import Judged, judge
from harness.judging.opinions.panel import AnswerOfExample, Panel, PanelJudge, panel
from harness.judging.pairs.pairing import most_pairs
from harness.leaderboard.judge_line import JudgeLine
from harness.models.roster.families import kin_cautions
from harness.models.roster.roster import Entry
from harness.run.scoring import suite_metrics


@dataclass(frozen=True)
class PanelTurn:
    """The judges of a run's `models`, what each said, and the measures over that."""

    entries: Sequence[Entry]
    models: Sequence[Entry]
    panel: Panel
    judged: Mapping[str, Judged]

    @property
    def lines(self) -> list[JudgeLine]:
        """What the leaderboard says of each judge."""
        return [
            JudgeLine.of_judge(
                entry,
                self.judged[entry.name],
                self.panel.measures_of(measures),
                kin_cautions(entry, self.models),
            )
            for entry, measures in zip(self.entries, self.panel.judges, strict=True)
        ]

    @property
    def failures(self) -> list[str]:
        """Which judgments failed, a line a judge."""
        lines = [failure_text(name, judged) for name, judged in self.judged.items()]
        return [line for line in lines if line is not None]


def ask_panel(run: PredictedRun) -> PanelTurn | None:
    """Return what the judges say of summaries and answers; `None` where there are no judges.

    Each claim on an article is judged once, whoever makes it. Raises CostLimitError.
    """
    jobs = run.jobs
    if not jobs.judges:
        return None
    english = "unsupported" in suite_metrics(jobs.suite, "summarize", run.options).signatures
    asked = panel(
        [
            PanelJudge(entry.name, entry.kind, entry.model.identity("answer"), most_pairs(entry))
            for entry in jobs.judges
        ],
        jobs.examples,
        english,
    )
    texts = list(judged_texts(jobs.examples, run.predictions, run.oracles, asked.people.examples))
    answers = list(_unmatched(run)) if asked.meanings else []
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
    summarizing = [entry for entry in jobs.entries if "summarize" in entry.tasks]
    return PanelTurn(jobs.judges, summarizing, asked, by_judge)


def _unmatched(run: PredictedRun) -> Iterator[AnswerOfExample]:
    """Yield the answers that match no golden answer exactly, of questions that have some."""
    family = suite_metrics(run.jobs.suite, "answer", run.options)
    for (_, task, _), row in run.predictions.items():
        for item in row if task == "answer" else ():
            for part in (item, *item.repeats):
                prediction, references = part.stored.prediction, part.example.references
                if prediction.error is not None or not references:
                    continue
                if family.score(prediction.text, references)["exact_match"] != 1:
                    yield part.example, prediction.text
