"""The judgments of a leaderboard, in its order."""

from collections.abc import Iterator, Mapping, Sequence

from harness.judging.inquiry import Inquiry
from harness.judging.judgment_lines import JudgmentLine, judged_texts, judgment_lines
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import RowKey
from harness.records import ScoredPrediction


def board_judgments(
    board: Leaderboard,
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
    judge: str,
    inquiry: Inquiry,
) -> Iterator[JudgmentLine]:
    """Yield what a judge said of the texts of the rows of summaries, and of people's references."""
    rows = [
        (row.model, scored[name])
        for row in board.rows
        if row.task == "summarize" and row.role != "people"
        if (name := (row.model, row.task, row.scope)) in scored
    ]
    yield from judgment_lines(judge, inquiry, judged_texts(rows, inquiry.people))
