"""The judgments of a run, held against its summaries, its goldens and its store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.judging.inquiry import Inquiry, inquiry
from harness.judging.judgment_lines import JudgmentLine
from harness.judging.opinions.joined import JoinedMeasures
from harness.judging.opinions.panel import Panel, PanelJudge, panel
from harness.leaderboard.board_judgments import board_judgments, board_opinions
from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import RowKey
from harness.leaderboard.run_folder import JUDGMENTS, STORE, Run
from harness.metrics.options import MetricOptions
from harness.metrics.summary import JudgedMeasures
from harness.records import Example, Scope, ScoredPrediction, Task
from harness.run.scoring import suite_metrics
from harness.run.store import Store
from harness.suite.suite import Suite
from harness.verify.difference import Difference, differences


@dataclass(frozen=True)
class RebuiltJudging:
    """A run's judges as the leaderboard has them, with their measures over the run's judgments.

    `inquiry` is what the reader was asked, `None` where there was none.
    """

    judges: Sequence[JudgeLine]
    inquiry: Inquiry | None
    panel: Panel

    @property
    def measures(self) -> JudgedMeasures:
        """The measures over all that was said."""
        reader = [self.inquiry.measures] if self.inquiry else []
        return JoinedMeasures([*reader, *self.panel.judges])

    def lines(
        self, board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]]
    ) -> list[JudgmentLine]:
        """Return the lines that follow from the summaries, each with the answer that the run has.

        One of which the run has no judgment under its key is missing.
        """
        of_reader = [
            line
            for judge in self.judges
            if judge.role == "reader" and self.inquiry
            for line in board_judgments(board, scored, judge.name, self.inquiry)
        ]
        return [*of_reader, *board_opinions(board, scored, self.panel)]

    def recomputed(self, lines: Sequence[JudgmentLine]) -> list[JudgeLine]:
        """Return what the leaderboard should say of the judges, by their lines."""
        declared = {judge.judge: self.panel.measures_of(judge) for judge in self.panel.judges}
        recomputed: list[JudgeLine] = []
        for judge in self.judges:
            errors = {line.key: line.error for line in lines if line.judge == judge.name}
            if judge.role == "reader" and self.inquiry:
                recomputed.append(judge.recomputed(errors, self.inquiry))
            else:
                recomputed.append(judge.recounted(errors, declared[judge.name]))
        return recomputed


def rebuilt_judging(
    run: Run,
    suite: Suite,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    options: MetricOptions,
) -> RebuiltJudging | None:
    """Return the measures of a run's judges over its judgments; `None` where it has none."""
    judges = run.board.judges
    if not judges:
        return None
    english = "unsupported" in suite_metrics(suite, "summarize", options).signatures
    asked = panel(
        [
            PanelJudge(line.name, line.kind, line.identity, line.most_pairs)
            for line in judges
            if line.role == "judge"
        ],
        examples,
        english,
    )
    read: Inquiry | None = None
    for line in judges:
        judgments = {
            judged.key: judged.judgment for judged in run.judgments if judged.judge == line.name
        }
        if line.role == "reader":
            weigh = line.question_weights is not None
            read = inquiry(suite, examples, line.identity, options, weigh=weigh)
            read = read.with_judgments(judgments)
        else:
            asked = asked.with_judgments(line.name, judgments)
    return RebuiltJudging(judges, read, asked)


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
    with Store(run.folder / STORE, read_only=True) as store:
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
    words = (
        line.judge, line.model, line.example, line.text, repeat, line.question or line.claim,
        line.against,
    )  # fmt: skip
    return " ".join(word for word in words if word)
