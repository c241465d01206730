"""The judgments of a leaderboard, in its order."""

from collections.abc import Iterator, Mapping, Sequence

from harness.judging.inquiry import Inquiry
from harness.judging.judgment_lines import (
    JudgmentLine,
    answer_texts,
    judged_texts,
    judgment_lines,
)
from harness.judging.opinions.opinion_lines import opinion_lines
from harness.judging.opinions.panel import Panel
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import RowKey
from harness.records import ScoredPrediction, Task


def board_judgments(
    board: Leaderboard,
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
    judge: str,
    inquiry: Inquiry,
) -> Iterator[JudgmentLine]:
    """Yield what a judge said of the texts of the rows of summaries, and of people's references."""
    rows = summary_rows(board, scored)
    yield from judgment_lines(judge, inquiry, judged_texts(rows, inquiry.people))


def board_opinions(
    board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]], panel: Panel
) -> Iterator[JudgmentLine]:
    """Yield what the judges of a panel said of the same texts, of pairs of them, and of answers."""
    texts = judged_texts(summary_rows(board, scored), panel.people)
    answers = answer_texts(_rows(board, scored, "answer")) if panel.meanings else ()
    yield from opinion_lines(panel, texts, answers)


def summary_rows(
    board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]]
) -> list[tuple[str, Sequence[ScoredPrediction]]]:
    """Return the rows of summaries that were predicted, by their models."""
    return _rows(board, scored, "summarize")


def _rows(
    board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]], task: Task
) -> list[tuple[str, Sequence[ScoredPrediction]]]:
    return [
        (row.model, scored[name])
        for row in board.rows
        if row.task == task and row.role != "people"
        if (name := (row.model, row.task, row.scope)) in scored
    ]
