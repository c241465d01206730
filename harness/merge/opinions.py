"""What the reader and the judges of a run said in its shards."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.eval.judges.opinions import Opinions
from harness.eval.judges.panel_turn import PanelTurn, answers_to_judge, panel_of
from harness.eval.judges.reader_turn import NO_QUESTION, Judging, judged_summaries, judged_texts
from harness.eval.outputs import Outputs
from harness.eval.shards.shard_file import ShardFile
from harness.judging.inquiry import inquiry
from harness.judging.judge import Judged, derived_examples, judged
from harness.leaderboard.judge_line import ReaderFacts
from harness.merge.missing import Missing
from harness.records import Example
from harness.run.predict import stored_predictions
from harness.run.store import Store


@dataclass(frozen=True)
class MergedRun:
    """A run that was predicted in shards, the store that these were united in, what it lacks."""

    file: ShardFile
    outputs: Outputs
    store: Store
    missing: Missing


def stored_opinions(run: MergedRun) -> Opinions:
    """Return what was said, since nobody is asked anew; raise DataError for what is missing."""
    return Opinions(_reader(run), _panel(run))


def _reader(run: MergedRun) -> Judging | str | None:
    reader = run.file.reader
    if reader is None:
        return run.file.no_judge
    weigh = run.file.question_weights is not None
    outputs = run.outputs
    asked = inquiry(outputs.suite, outputs.examples, reader.identity, outputs.options, weigh=weigh)
    if not asked.has_answerable:
        return NO_QUESTION
    answered = [
        scope
        for name, task, scope in outputs.predictions
        if (name, task) == (reader.name, "answer")
    ]
    texts = judged_summaries(outputs, asked.people.examples)
    said = _said(run, reader, derived_examples(asked, texts, answered))
    return Judging(reader, asked.with_judgments(said.judgments), said)


def _panel(run: MergedRun) -> PanelTurn | None:
    judges = run.file.judges
    if not judges:
        return None
    outputs = run.outputs
    asked = panel_of(judges, outputs.suite, outputs.examples, outputs.options)
    texts = list(judged_texts(outputs, asked.people.examples))
    answers = answers_to_judge(asked, outputs)
    by_judge: dict[str, Judged] = {}
    for judge, measures in zip(judges, asked.judges, strict=True):
        by_judge[judge.name] = said = _said(run, judge, asked.asked(measures, texts, answers))
        asked = asked.with_judgments(judge.name, said.judgments)
    return PanelTurn(judges, asked, by_judge)


def _said(run: MergedRun, judge: ReaderFacts, asked: Sequence[Example]) -> Judged:
    """Return what a judge said of each of these."""
    run.missing.look(asked, judge.identity, run.store)
    run.missing.tell(f"judgments by {judge.name}")
    return judged(stored_predictions(asked, judge.identity, run.store, bytes(len(asked))))
