"""All that judges say in a run: the reader, and the judges of the roster."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harness.eval.judges.panel_turn import PanelTurn, ask_panel
from harness.eval.judges.predicted import PredictedRun
from harness.eval.judges.reader_turn import Judging, judge_summaries
from harness.files import write_lines
from harness.judging.judgment_lines import JudgmentLine, line_text
from harness.judging.opinions.joined import JoinedMeasures
from harness.judging.weights import QuestionWeights
from harness.leaderboard.board_judgments import board_judgments, board_opinions
from harness.leaderboard.judges.length_effect import with_length_effects
from harness.leaderboard.judges.preferences import with_preferences
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import RowKey
from harness.metrics import Metrics
from harness.metrics.options import MetricOptions
from harness.metrics.summary import JudgedMeasures
from harness.records import ScoredPrediction
from harness.run.scoring import suite_metrics
from harness.suite.suite import Suite

_Scored = Mapping[RowKey, Sequence[ScoredPrediction]]


@dataclass(frozen=True)
class Opinions:
    """What the reader says, or why there is none, and what the judges of the roster say."""

    reader: Judging | str | None
    panel: PanelTurn | None = None

    @property
    def measures(self) -> JudgedMeasures | None:
        """The measures over all that was said; `None` where nobody was asked."""
        judges: list[JudgedMeasures] = []
        if isinstance(self.reader, Judging):
            judges.append(self.reader.inquiry.measures)
        if self.panel:
            judges += self.panel.panel.judges
        return JoinedMeasures(judges) if judges else None

    @property
    def calls(self) -> int:
        """How many different queries judges were asked."""
        of_panel = self.panel.judged.values() if self.panel else ()
        of_reader = [self.reader.judged] if isinstance(self.reader, Judging) else []
        return sum(judged.calls for judged in (*of_reader, *of_panel))

    def family(self, suite: Suite, options: MetricOptions) -> Metrics:
        """Return the metrics of summaries, with those of the judges."""
        return suite_metrics(suite, "summarize", options, judged=self.measures)

    @property
    def failures(self) -> list[str]:
        """Which judgments failed, a line a judge."""
        failures = self.panel.failures if self.panel else []
        if isinstance(self.reader, Judging) and self.reader.failure:
            return [self.reader.failure, *failures]
        return failures

    def with_judges(self, board: Leaderboard, path: Path, scored: _Scored) -> Leaderboard:
        """Return the board with its judges, whose judgments are written to the file, if any are."""
        board = board.model_copy(
            update={
                "judges": [
                    *([self.reader.line] if isinstance(self.reader, Judging) else []),
                    *(self.panel.lines if self.panel else []),
                ],
                "no_judge": self.reader if isinstance(self.reader, str) else None,
            }
        )
        board = with_length_effects(board, scored)
        if self.panel:
            board = with_preferences(board, scored, self.panel.panel)
        if not board.judges:
            path.unlink(missing_ok=True)  # of an earlier run with judges
            return board
        judgments_sha256 = write_lines(path, map(line_text, self._lines(board, scored)))
        return board.model_copy(update={"judgments_sha256": judgments_sha256})

    def _lines(self, board: Leaderboard, scored: _Scored) -> Iterator[JudgmentLine]:
        """Yield all judgments, in the leaderboard's order."""
        return chain(
            board_judgments(board, scored, self.reader.reader.name, self.reader.inquiry)
            if isinstance(self.reader, Judging)
            else (),
            board_opinions(board, scored, self.panel.panel) if self.panel else (),
        )


def ask_judges(run: PredictedRun, weigh: QuestionWeights | None = None) -> Opinions:
    """Return what the reader and the judges say of all summaries; raise CostLimitError.

    `weigh` is how the reader's questions weigh, alike if it is `None`.
    """
    return Opinions(judge_summaries(run, weigh), ask_panel(run))
