"""The judgments of a run, held against its summaries, its goldens and its store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.judging.inquiry import Inquiry, inquiry
from harness.judging.judgment_lines import JudgmentLine
from harness.leaderboard.board_judgments import board_judgments
from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import RowKey
from harness.leaderboard.run_folder import JUDGMENTS, STORE, Run
from harness.metrics.options import MetricOptions
from harness.records import Example, Scope, ScoredPrediction, Task
from harness.run.store import Store
from harness.suite.suite import Suite
from harness.verify.difference import Difference, differences


@dataclass(frozen=True)
class RebuiltJudging:
    """A run's reader as the leaderboard has it, and its measures over the run's judgments."""

    line: JudgeLine
    inquiry: Inquiry

    def lines(
        self, board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]]
    ) -> list[JudgmentLine]:
        """Return the lines that follow from the summaries, each with the answer that the run has.

        One of which the run has no judgment under its key is missing.
        """
        return list(board_judgments(board, scored, self.line.name, self.inquiry))

    def recomputed(self, lines: Sequence[JudgmentLine]) -> JudgeLine:
        """Return what the leaderboard should say of the reader, by its lines."""
        errors = {line.key: line.error for line in lines}
        return self.line.recomputed(errors, self.inquiry)


def rebuilt_judging(
    run: Run,
    suite: Suite,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    options: MetricOptions,
) -> RebuiltJudging | None:
    """Return the measures of a run's reader over its judgments; `None` where it has no reader."""
    if not run.board.judges:
        return None
    line = run.board.judges[0]
    weigh = line.question_weights is not None
    asked = inquiry(suite, examples, line.identity, options, weigh=weigh)
    judgments = {judged.key: judged.judgment for judged in run.judgments}
    return RebuiltJudging(line, asked.with_judgments(judgments))


def judgment_differences(run: Run, rebuilt: Sequence[JudgmentLine]) -> Iterator[Difference]:
    """Yield where the judgments are other than what follows from the summaries and goldens."""
    stored = {line.name: line for line in run.judgments}
    expected = {line.name: line for line in rebuilt}
    for name, line in stored.items():
        where = f"{JUDGMENTS}: {_name_text(line)}"
        if name in expected:
            yield from differences(where, line.content(), expected[name].content())
        else:
            yield Difference(where, line.key, "no such question of no such text")
    for name, line in expected.items():
        if name not in stored:
            yield Difference(f"{JUDGMENTS}: {_name_text(line)}", "no line", line.key)
    if list(stored) != list(expected) and set(stored) == set(expected):
        yield Difference(JUDGMENTS, "lines in another order", "the leaderboard's order")


def judgment_store_differences(run: Run) -> Iterator[Difference]:
    """Yield where the judgments say other than the store that they were written from."""
    if not run.judgments:
        return
    with Store(run.folder / STORE) as store:
        for line in run.judgments:
            where = f"{STORE}: {_name_text(line)}"
            stored = store.get([line.key]).get(line.key)
            if stored is None:
                yield Difference(where, "no intact judgment of this key", line.key)
                continue
            prediction = stored.prediction
            yield from differences(
                where,
                {"answer": prediction.text, "error": prediction.error},
                {"answer": line.answer, "error": line.error},
            )


def _name_text(line: JudgmentLine) -> str:
    repeat = f"repeat {line.repeat}" if line.repeat > 1 else ""
    words = (line.judge, line.model, line.example, line.text, repeat, line.question)
    return " ".join(word for word in words if word)
